internal import WireProtocol

/// The calls that others have made to this process and that are being worked on.
struct InboundCalls {
    private struct Entry {
        let id: UInt64
        // The task that works on the call. Valid as long as the entry is: the task makes the entry's `task` known and removes the
        // entry before it ends, on the same thread.
        var task: UnsafeCurrentTask?
    }

    private var entries: [UInt64: Entry] = [:]
    /// Call ids by deadline.
    private var deadlines: CallTracker<UInt64>

    init(countMax: Int) {
        self.deadlines = CallTracker(countMax: countMax)
    }

    var count: Int { self.entries.count }
    var nextDeadline: MonotonicTime? { self.deadlines.nextDeadline }

    /// Notes a call.
    ///
    /// - Returns: `false` when there are too many, or the caller uses an id that is in use.
    mutating func begin(_ callID: UInt64, deadline: MonotonicTime, now: MonotonicTime) -> Bool {
        guard self.entries[callID] == nil, let id = self.deadlines.insert(callID, deadline: deadline, now: now) else {
            return false
        }
        self.entries[callID] = Entry(id: id, task: nil)
        return true
    }

    /// Makes the task known that works on a call.
    ///
    /// - Returns: `false` when the call has ended in the meantime.
    mutating func attach(_ task: UnsafeCurrentTask, to callID: UInt64) -> Bool {
        guard self.entries[callID] != nil else { return false }
        self.entries[callID]?.task = task
        return true
    }

    /// Ends a call.
    ///
    /// - Returns: Whether its caller still waits for the reply.
    mutating func finish(_ callID: UInt64) -> Bool {
        guard let entry = self.entries.removeValue(forKey: callID) else { return false }
        _ = self.deadlines.remove(entry.id)
        return true
    }

    /// Ends a call that its caller gave up, and stops the work on it.
    mutating func cancel(_ callID: UInt64) {
        guard let entry = self.entries.removeValue(forKey: callID) else { return }
        _ = self.deadlines.remove(entry.id)
        entry.task?.cancel()
    }

    mutating func cancelAll() {
        for callID in Array(self.entries.keys) {
            self.cancel(callID)
        }
    }

    mutating func expire(upTo now: MonotonicTime) {
        for (_, callID) in self.deadlines.expire(upTo: now) {
            self.entries.removeValue(forKey: callID)?.task?.cancel()
        }
    }
}
