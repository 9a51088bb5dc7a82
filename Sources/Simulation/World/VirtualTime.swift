public import MessageBus

/// What is to happen, in the order of its time; events of one time happen in the order in which they were set.
///
/// The time jumps from one event to the next, so an hour in which nothing happens costs nothing.
public struct VirtualTime<Event> {
    private var heap: [(at: UInt64, order: Int, event: Event)] = []
    private var nextOrder = 0
    /// It begins late enough for every subtraction.
    public private(set) var now = MonotonicTime(nanoseconds: 1_000_000_000_000)

    public init() {}

    /// How many events are to come.
    public var count: Int { self.heap.count }

    /// Sets an event for a time; for one that has passed it happens next.
    public mutating func schedule(at time: MonotonicTime, _ event: Event) {
        self.nextOrder += 1
        self.heap.append((max(time, self.now).nanoseconds, self.nextOrder, event))
        var child = self.heap.count - 1
        while child > 0, self.isEarlier(child, (child - 1) / 2) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next event; the time moves on to it.
    public mutating func next() -> Event? {
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
        self.now = MonotonicTime(nanoseconds: earliest.at)
        return earliest.event
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        (self.heap[left].at, self.heap[left].order) < (self.heap[right].at, self.heap[right].order)
    }
}
