/// Events in the order of their times; those of one time in the order in which they were added.
public struct EventQueue<Time: Comparable, Event> {
    private var heap: [(at: Time, order: Int, event: Event)] = []
    private var nextOrder = 0

    public init() {}

    public mutating func add(_ event: Event, at time: Time) {
        self.nextOrder += 1
        self.heap.append((time, self.nextOrder, event))
        var child = self.heap.count - 1
        while child > 0, self.isEarlier(child, (child - 1) / 2) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the next event out.
    public mutating func popFirst() -> (at: Time, event: Event)? {
        guard !self.heap.isEmpty else { return nil }
        self.heap.swapAt(0, self.heap.count - 1)
        let earliest = self.heap.removeLast()
        var parent = 0
        while true {
            var first = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < self.heap.count && self.isEarlier(child, first)
            {
                first = child
            }
            guard first != parent else { break }
            self.heap.swapAt(first, parent)
            parent = first
        }
        return (earliest.at, earliest.event)
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        (self.heap[left].at, self.heap[left].order) < (self.heap[right].at, self.heap[right].order)
    }
}
