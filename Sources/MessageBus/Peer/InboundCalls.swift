/// The calls that others have made to this process and that are being worked on.
///
/// A call is known by a handle of its own from its arrival until the work on it ends. The caller's id will not do: a caller may use
/// it again as soon as it has given the call up, and the reply to the old call would be taken for that to the new one.
package struct InboundCalls {
    private struct Entry {
        let callID: UInt64
        /// Who works on the call.
        var attendant: Attendant?
    }

    /// The calls whose callers wait, by handle and by deadline.
    private var entries: CallTracker<Entry>
    private var handles = HandleIndex()
    /// How many tasks work on calls, or are about to.
    ///
    /// Not fewer than the calls, for work may go on after its caller gave up: this is what has to be bounded.
    package private(set) var workCount = 0

    package init(countMax: Int) {
        self.entries = CallTracker(countMax: countMax)
    }

    /// How many callers wait for a reply.
    package var count: Int { self.entries.count }
    package var nextDeadline: MonotonicTime? { self.entries.nextDeadline }

    /// Notes a call that is about to be worked on.
    ///
    /// - Returns: Its handle; `nil` when there is too much work, or the caller uses an id that is in use.
    package mutating func begin(_ callID: UInt64, deadline: MonotonicTime, now: MonotonicTime) -> UInt64? {
        guard self.workCount < self.entries.countMax, self.handles[callID] == nil else { return nil }
        guard let handle = self.entries.insert(Entry(callID: callID), deadline: deadline, now: now) else { return nil }
        _ = self.handles.insert(callID, handle)
        self.workCount += 1
        return handle
    }

    /// Makes known who works on a call, until ``finish(_:)``.
    ///
    /// - Returns: `false` when the call has ended in the meantime.
    mutating func attach(_ attendant: Attendant, to handle: UInt64) -> Bool {
        self.entries.update(handle) { $0.attendant = attendant }
    }

    /// Notes that the work on a call has ended; once for each that began.
    ///
    /// - Returns: The id to reply to, or `nil` when the caller waits no more.
    package mutating func finish(_ handle: UInt64) -> UInt64? {
        self.workCount -= 1
        guard let entry = self.entries.remove(handle) else { return nil }
        _ = self.handles.remove(entry.callID)
        return entry.callID
    }

    /// Ends a call that its caller gave up, and tells the work on it to stop.
    package mutating func cancel(_ callID: UInt64) {
        guard let handle = self.handles.remove(callID) else { return }
        self.entries.remove(handle)?.attendant?.cancel()
    }

    package mutating func cancelAll() {
        self.handles.removeAll()
        for call in self.entries.removeAll(where: { _ in true }) {
            call.context.attendant?.cancel()
        }
    }

    /// Ends the calls whose budget is spent.
    package mutating func expire(upTo now: MonotonicTime) {
        for call in self.entries.expire(upTo: now) {
            _ = self.handles.remove(call.context.callID)
            call.context.attendant?.cancel()
        }
    }
}
