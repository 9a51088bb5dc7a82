/// What the loop shares with other threads: work on its way to the thread, whether it sleeps, and how far its life went.
///
/// No wake-up is lost. The thread declares itself asleep only in the critical section in which it finds the inbox empty, so
/// work arrives either before, and is found, or after, and finds a sleeper to wake. The signal stays until it is taken, so
/// it does not matter whether the sleep has begun. After a wake-up the thread looks here before it sleeps again.
struct PollLoopInbox {
    /// The life of a loop.
    enum Phase {
        case waitingToStart
        case running
        case stopping
        /// The thread is gone. Work that comes now is done on the threads of the system, one piece at a time.
        case ended(draining: Bool)
    }

    /// What whoever delivered work has to do.
    enum Delivery {
        case done
        case wake
        case drain
    }

    let limit: Int
    private var work: [Work?] = []
    private var closures = 0
    private var closuresInHand = 0
    private var isAsleep = false
    private(set) var phase = Phase.waitingToStart
    private var endWaiters: [CheckedContinuation<Void, Never>] = []

    init(limit: Int) {
        self.limit = limit
    }
}

// MARK: Delivery

extension PollLoopInbox {
    /// Delivers a job, which cannot be refused: it is a task that exists.
    mutating func deliver(job: Work) -> Delivery {
        self.work.append(job)
        if case .ended(draining: false) = self.phase {
            self.phase = .ended(draining: true)
            return .drain
        }
        return self.wake()
    }

    /// Delivers a closure, unless the loop was stopped or has too much to do.
    mutating func deliver(closure: @escaping @Sendable () -> Void, label: String) throws(PollLoopError) -> Delivery {
        switch self.phase {
        case .waitingToStart, .running: break
        case .stopping, .ended: throw .stopped(label: label)
        }
        guard self.closures + self.closuresInHand < self.limit else {
            throw .queueFull(label: label, limit: self.limit)
        }
        self.work.append(.closure(closure))
        self.closures += 1
        return self.wake()
    }

    private mutating func wake() -> Delivery {
        guard self.isAsleep else { return .done }
        self.isAsleep = false
        return .wake
    }
}

// MARK: The thread's side

extension PollLoopInbox {
    /// What the thread learns when it looks into the inbox.
    enum Look {
        case carryOn
        case sleep
        case stop
    }

    /// Takes all the work, if the thread has finished with what it took before.
    ///
    /// - Parameters:
    ///   - batch: What is left of what the thread took before. Gets the work.
    ///   - mayNap: Whether the thread has nothing else to do.
    /// - Returns: What to do next.
    mutating func look(into batch: inout WorkBatch, mayNap: Bool) -> Look {
        self.takeWork(into: &batch)
        if case .stopping = self.phase { return .stop }
        guard mayNap, batch.isEmpty else { return .carryOn }
        self.isAsleep = true
        return .sleep
    }

    mutating func takeWork(into batch: inout WorkBatch) {
        if batch.isEmpty {
            batch.refill(from: &self.work, closures: self.closures)
            self.closures = 0
        }
        self.closuresInHand = batch.closures
    }

    mutating func wokeUp() {
        self.isAsleep = false
    }
}

// MARK: Life

extension PollLoopInbox {
    mutating func start(label: String) throws(PollLoopError) {
        switch self.phase {
        case .waitingToStart: self.phase = .running
        case .running, .stopping: throw .alreadyStarted(label: label)
        case .ended: throw .stopped(label: label)
        }
    }

    /// Asks the thread to end.
    ///
    /// A loop that never ran ends at once.
    ///
    /// - Returns: What to do, and who waited for an end that has come.
    mutating func stop() -> (Delivery, ended: [CheckedContinuation<Void, Never>]) {
        switch self.phase {
        case .waitingToStart:
            return self.end()
        case .running:
            self.phase = .stopping
            return (self.wake(), [])
        case .stopping, .ended:
            return (.done, [])
        }
    }

    /// The thread is about to end, and whatever is still to do passes to the drain.
    mutating func end(leaving hasWork: Bool = false) -> (Delivery, ended: [CheckedContinuation<Void, Never>]) {
        let draining = hasWork || !self.work.isEmpty
        self.phase = .ended(draining: draining)
        defer { self.endWaiters = [] }
        return (draining ? .drain : .done, self.endWaiters)
    }

    /// The thread begins to end, asked to or not: closures are refused from here on.
    mutating func beginEnd() {
        self.phase = .stopping
    }

    /// Lets the drain end, if it found nothing to do and nothing came meanwhile.
    mutating func mayStopDraining(hasRun: Bool) -> Bool {
        guard !hasRun, self.work.isEmpty else { return false }
        self.phase = .ended(draining: false)
        return true
    }

    /// Keeps somebody waiting for the end; `false` when it has come already.
    mutating func waitForEnd(_ waiter: CheckedContinuation<Void, Never>) -> Bool {
        if case .ended = self.phase { return false }
        self.endWaiters.append(waiter)
        return true
    }
}
