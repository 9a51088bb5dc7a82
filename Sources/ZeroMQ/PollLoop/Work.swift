/// A piece of work for the loop's thread.
enum Work: Sendable {
    /// A task that prefers the loop as its task executor.
    case task(UnownedJob)
    /// A turn of an actor whose executor is the loop.
    case actor(UnownedJob)
    case closure(@Sendable () -> Void)
}

/// Work taken from the inbox in one go.
///
/// The memory goes back and forth between the batch and the inbox, so that neither allocates in the long run.
struct WorkBatch {
    // Optional, so that taking a closure out also lets go of what it holds on to, outside of any access to the batch: what
    // is freed then may use the loop.
    private var work: [Work?] = []
    private var next = 0
    /// How many closures are left.
    private(set) var closures = 0

    var isEmpty: Bool { self.next == self.work.count }

    mutating func refill(from inbox: inout [Work?], closures: Int) {
        // Only taken work is left, so nothing is freed here, under the inbox's lock.
        self.work.removeAll(keepingCapacity: true)
        self.next = 0
        self.closures = closures
        swap(&self.work, &inbox)
    }

    mutating func popFirst() -> Work? {
        guard self.next < self.work.count else { return nil }
        let work = self.work[self.next].take()
        self.next += 1
        if case .closure = work { self.closures -= 1 }
        return work
    }
}

/// Jobs that the loop's thread itself made ready.
///
/// The two buffers change places, so that neither grows for ever while jobs make others ready.
struct LocalWork {
    private var current: [Work] = []
    private var next = 0
    private var incoming: [Work] = []

    var isEmpty: Bool { self.next == self.current.count && self.incoming.isEmpty }

    mutating func append(_ job: Work) {
        self.incoming.append(job)
    }

    mutating func popFirst() -> Work? {
        if self.next == self.current.count {
            guard !self.incoming.isEmpty else { return nil }
            self.current.removeAll(keepingCapacity: true)
            self.next = 0
            swap(&self.current, &self.incoming)
        }
        defer { self.next += 1 }
        return self.current[self.next]
    }
}
