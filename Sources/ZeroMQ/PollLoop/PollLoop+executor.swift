internal import Synchronization

// MARK: Executing tasks and actors

extension PollLoop {
    /// Takes a turn of a task that prefers the loop.
    public func enqueue(_ job: consuming ExecutorJob) {
        self.enqueue(.task(UnownedJob(job)))
    }

    /// The executor of actors that live on the loop.
    ///
    /// A different object from the loop, because the loop must know the turns of actors, which run isolated, from those of
    /// tasks, and the runtime enqueues both alike.
    public func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        UnownedSerialExecutor(ordinary: self.actorLane)
    }

    public func checkIsolated() {
        self.preconditionCurrent()
    }

    public func isIsolatingCurrentContext() -> Bool? {
        self.isCurrent
    }

    func enqueue(_ work: Work) {
        if self.isCurrent {
            self.role.local.append(work)
        } else {
            self.follow(self.inbox.withLock { $0.deliver(job: work) })
        }
    }

    func run(_ work: Work) {
        switch work {
        case .task(let job):
            job.runSynchronously(on: self.asUnownedTaskExecutor())
        case .actor(let job):
            job.runSynchronously(
                isolatedTo: self.asUnownedSerialExecutor(),
                taskExecutor: self.asUnownedTaskExecutor()
            )
        case .closure(let closure):
            closure()
        }
    }
}

/// The way of actors to the loop.
final class ActorLane: SerialExecutor, Sendable {
    // Set once, in the loop's init. Unowned, because the loop owns the lane, and whoever has work for the lane keeps the loop
    // alive through the actor it belongs to.
    nonisolated(unsafe) unowned var loop: PollLoop?

    func enqueue(_ job: consuming ExecutorJob) {
        self.loop?.enqueue(.actor(UnownedJob(job)))
    }

    func checkIsolated() {
        self.loop?.checkIsolated()
    }

    func isIsolatingCurrentContext() -> Bool? {
        self.loop?.isCurrent
    }
}
