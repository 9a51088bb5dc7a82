import MessageBus

/// What is to happen, in the order of its time; events of one time happen in the order in which they were set.
struct VirtualTime<Event> {
    private var heap: [(at: Double, order: Int, event: Event)] = []
    private var nextOrder = 0
    /// In milliseconds.
    private(set) var now = 0.0

    mutating func schedule(after delay: Double, _ event: Event) {
        self.nextOrder += 1
        self.heap.append((self.now + delay, self.nextOrder, event))
        var child = self.heap.count - 1
        while child > 0, self.isEarlier(child, (child - 1) / 2) {
            self.heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The next event; the time moves on to it.
    mutating func next() -> Event? {
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
        self.now = earliest.at
        return earliest.event
    }

    private func isEarlier(_ left: Int, _ right: Int) -> Bool {
        (self.heap[left].at, self.heap[left].order) < (self.heap[right].at, self.heap[right].order)
    }
}

extension MonotonicTime {
    /// A virtual time; it begins late enough for every subtraction.
    init(virtual milliseconds: Double) {
        self.init(nanoseconds: UInt64((milliseconds + 1_000_000) * 1_000_000))
    }
}
