public import MessageBus

/// What is to happen, in the order of its time; events of one time happen in the order in which they were set.
///
/// The time jumps from one event to the next, so an hour in which nothing happens costs nothing.
public struct VirtualTime<Event> {
    private var queue = EventQueue<Event>()
    /// It begins late enough for every subtraction.
    public private(set) var now = MonotonicTime(nanoseconds: 1_000_000_000_000)

    public init() {}

    /// Sets an event for a time; for one that has passed it happens next.
    public mutating func schedule(at time: MonotonicTime, _ event: Event) {
        self.queue.add(event, at: max(time, self.now).nanoseconds)
    }

    /// The next event; the time moves on to it.
    public mutating func next() -> Event? {
        guard let next = self.queue.popFirst() else { return nil }
        self.now = MonotonicTime(nanoseconds: next.at)
        return next.event
    }
}
