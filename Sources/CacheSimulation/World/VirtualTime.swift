import MessageBus
import Simulation

/// What is to happen, in the order of its time; events of one time happen in the order in which they were set.
struct VirtualTime<Event> {
    /// By the bits of the time: those of numbers that are not negative have their order.
    private var queue = EventQueue<Event>()
    /// In milliseconds.
    private(set) var now = 0.0

    mutating func schedule(after delay: Double, _ event: Event) {
        self.queue.add(event, at: (self.now + delay).bitPattern)
    }

    /// The next event; the time moves on to it.
    mutating func next() -> Event? {
        guard let next = self.queue.popFirst() else { return nil }
        self.now = Double(bitPattern: next.at)
        return next.event
    }
}

extension MonotonicTime {
    /// A virtual time; it begins late enough for every subtraction.
    init(virtual milliseconds: Double) {
        self.init(nanoseconds: UInt64((milliseconds + 1_000_000) * 1_000_000))
    }
}
