/// A task that answers calls.
///
/// `@unchecked Sendable` because the task is its own, and others reach it on the poll loop's thread only. They do so while a call is noted
/// as being worked on by it, which ends, on that thread, before the task does: so the task is there.
final class Attendant: @unchecked Sendable {
    private let task: UnsafeCurrentTask
    /// How many calls it has answered without a pause.
    @exclusivity(unchecked) fileprivate(set) var run = 0

    init(_ task: UnsafeCurrentTask) {
        self.task = task
    }

    /// Tells the work on the call in hand to stop.
    func cancel() {
        self.task.cancel()
    }
}

/// The tasks that answer calls, and the calls that wait for one of them.
///
/// A call of a few microseconds would cost more to wake a task for than to answer, so a task that has answered a call without a pause
/// goes on with the next. While calls wait, exactly one further task is on its way: if the first one's work pauses, or takes long, the
/// second goes on, and calls the third. The task that was busy last is woken first, for its memory is still at hand.
///
/// `@unchecked Sendable` because tasks hold on to it, but it is used on the poll loop's thread only.
final class Attendants: @unchecked Sendable {
    /// The most tasks that wait for calls; others end.
    private static let idleMax = 1024
    /// How many calls a task answers before it lets others on the loop have their turn.
    private static let runMax = 16

    /// The calls to answer; their number has the bound of the calls being worked on.
    // exclusivity(unchecked) for what each call goes through: lists that call nobody while they change.
    @exclusivity(unchecked) private var calls: [PeerAssignment?] = []
    /// The calls before this one were given out.
    @exclusivity(unchecked) private var next = 0
    @exclusivity(unchecked) private var idle: [UnsafeContinuation<Void, Never>] = []
    /// A task was woken, or asked for, and has not come yet.
    @exclusivity(unchecked) private var isOneComing = false
    @exclusivity(unchecked) private(set) var areDismissed = false
    /// Asks for tasks that do not exist yet.
    let openings = PeerInbox<Void>()

    private var hasCalls: Bool { self.next < self.calls.count }

    /// Hands a call to whichever task comes first.
    func give(_ assignment: consuming PeerAssignment) {
        self.calls.append(assignment)
        self.bringOne()
    }

    /// Sees to it that a task comes, if there is anything to do.
    private func bringOne() {
        guard self.hasCalls, !self.isOneComing else { return }
        self.isOneComing = true
        if let attendant = self.idle.popLast() { attendant.resume() } else { self.openings.append(()) }
    }

    /// A new task has come.
    func arrive() {
        self.isOneComing = false
    }

    /// A call that waits, if it is for this task to answer now; else ``next(for:)`` tells.
    func callAtHand(for attendant: Attendant) -> PeerAssignment? {
        guard self.hasCalls, attendant.run < Self.runMax || self.areDismissed else { return nil }
        attendant.run += 1
        return self.take()
    }

    /// The next call for a task; `nil` when the task is to end.
    func next(for attendant: Attendant) async -> PeerAssignment? {
        while true {
            if let call = self.callAtHand(for: attendant) { return call }
            guard !self.areDismissed, self.idle.count < Self.idleMax else { return nil }
            // Each continuation is resumed once: it leaves the list when it is, by a call or by the end.
            await withUnsafeContinuation { waiter in
                self.idle.append(waiter)
                self.bringOne()
            }
            self.isOneComing = false
            attendant.run = 0
        }
    }

    private func take() -> PeerAssignment? {
        defer { self.bringOne() }
        let call = self.calls[self.next].take()
        self.next += 1
        if !self.hasCalls {
            self.calls.removeAll(keepingCapacity: true)
            self.next = 0
        }
        return call
    }

    /// Ends all tasks that wait, now and from here on; the calls that wait are still answered.
    func dismiss() {
        self.areDismissed = true
        self.openings.finish()
        defer { self.idle = [] }
        for attendant in self.idle { attendant.resume() }
    }
}
