/// Tasks that have answered a call and wait for another.
///
/// A call of a few microseconds would cost more to make a task for than to answer, so tasks are used again; the one that was
/// busy last comes first, for its memory is still at hand.
///
/// `@unchecked Sendable` because tasks hold on to it, but it is used on the poll loop's thread only.
final class Attendants: @unchecked Sendable {
    /// The most tasks that wait; others end.
    private static let idleMax = 1024

    private var idle: [UnsafeContinuation<PeerAssignment?, Never>] = []
    private var areDismissed = false

    /// Gives a call to a task that waits.
    ///
    /// - Returns: `false` when none does.
    func give(_ assignment: PeerAssignment) -> Bool {
        guard let attendant = self.idle.popLast() else { return false }
        attendant.resume(returning: assignment)
        return true
    }

    /// The next call; `nil` when the task is to end.
    func next() async -> PeerAssignment? {
        guard !self.areDismissed, self.idle.count < Self.idleMax else { return nil }
        // Each continuation is resumed once: it leaves the list when it is, by a call or by the end.
        return await withUnsafeContinuation { self.idle.append($0) }
    }

    /// Ends all tasks that wait, now and from here on.
    func dismiss() {
        self.areDismissed = true
        defer { self.idle = [] }
        for attendant in self.idle { attendant.resume(returning: nil) }
    }
}
