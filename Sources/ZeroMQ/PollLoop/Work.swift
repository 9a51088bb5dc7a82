/// A piece of work for the loop's thread.
enum Work: Sendable {
    /// A task that prefers the loop as its task executor.
    case task(UnownedJob)
    /// A turn of an actor whose executor is the loop.
    case actor(UnownedJob)
    case closure(@Sendable () -> Void)
}

/// A queue of one owner.
///
/// Its two buffers change places, so that it neither grows nor allocates in the long run.
struct WorkQueue {
    private var current: [Work] = []
    private var next = 0
    private var incoming: [Work] = []

    var count: Int { self.current.count - self.next + self.incoming.count }
    var isEmpty: Bool { self.next == self.current.count && self.incoming.isEmpty }

    mutating func append(_ work: Work) {
        self.incoming.append(work)
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

/// Work taken from the inbox in one go.
///
/// Hands its memory back at the next taking.
struct WorkBatch {
    private var work: [Work] = []
    private var next = 0

    var count: Int { self.work.count - self.next }
    var isEmpty: Bool { self.next == self.work.count }

    mutating func refill(from inbox: inout [Work]) {
        self.work.removeAll(keepingCapacity: true)
        self.next = 0
        swap(&self.work, &inbox)
    }

    mutating func popFirst() -> Work? {
        guard self.next < self.work.count else { return nil }
        defer { self.next += 1 }
        return self.work[self.next]
    }
}
