internal import CZeroMQ
internal import Dispatch
internal import Glibc
internal import Synchronization

// MARK: Start and end

extension PollLoop {
    /// Starts the thread.
    ///
    /// - Throws: ``PollLoopError`` when the loop was started or stopped before, or the system gives no thread. A loop that
    ///   got none has ended.
    public func start() throws(PollLoopError) {
        try self.inbox.withLock { (inbox) throws(PollLoopError) in try inbox.start(label: self.label) }
        let result = self.wakeUp.descriptor < 0 ? EMFILE : self.startThread()
        guard result == 0 else {
            self.end()
            throw .noResources(label: self.label, errno: result)
        }
    }

    private func startThread() -> CInt {
        var thread = pthread_t()
        let loop = Unmanaged.passRetained(self)
        let result = pthread_create(
            &thread,
            nil,
            { argument in
                if let argument { Unmanaged<PollLoop>.fromOpaque(argument).takeRetainedValue().threadMain() }
                return nil
            },
            loop.toOpaque()
        )
        guard result == 0 else {
            loop.release()
            return result
        }
        pthread_detach(thread)
        return 0
    }

    /// Asks the loop to end; returns at once.
    ///
    /// Callable from everywhere, more than once, and before the start.
    public func stop() {
        let (delivery, ended) = self.inbox.withLock { $0.stop() }
        self.follow(delivery)
        for waiter in ended { waiter.resume() }
    }

    /// Waits until the thread has ended after ``stop()``, or because the loop failed.
    public func waitUntilStopped() async {
        await withCheckedContinuation { waiter in
            let waits = self.inbox.withLock { $0.waitForEnd(waiter) }
            if !waits { waiter.resume() }
        }
    }

    private func threadMain() {
        pthread_setname_np(pthread_self(), String(decoding: self.label.utf8.prefix(15), as: UTF8.self))
        self.owner.store(UInt(pthread_self()), ordering: .relaxed)
        ThreadScheduling.kind.applyToCurrentThread()
        self.run()
        self.tellResidents()
        self.finishWork(within: Self.grace)
        self.end()
    }

    private func end() {
        self.role.hasEnded = true
        let hasWork = !self.role.local.isEmpty || !self.role.batch.isEmpty
        // Before the end is public, because from then on another thread may take the role.
        self.owner.store(0, ordering: .relaxed)
        let (delivery, ended) = self.inbox.withLock { $0.end(leaving: hasWork) }
        self.follow(delivery)
        for waiter in ended { waiter.resume() }
    }

    private func tellResidents() {
        self.inbox.withLock { $0.beginEnd() }
        self.role.isStopping = true
        let residents = self.role.residents
        self.role.residents = []
        for resident in residents { resident.loopWillStop() }
    }

    private func finishWork(within time: Duration) {
        let deadline = ContinuousClock.now + time
        repeat {
            self.inbox.withLock { $0.takeWork(into: &self.role.batch) }
        } while self.runWork() && ContinuousClock.now < deadline
    }
}

// MARK: After the end

extension PollLoop {
    /// Lets a thread of the system take the loop's role for as long as there is work.
    ///
    /// One at a time: the inbox's phase says so.
    func drainInBackground() {
        DispatchQueue.global().async { self.drain() }
    }

    private func drain() {
        self.owner.store(UInt(pthread_self()), ordering: .relaxed)
        // A loop that was stopped before its start learns it here.
        self.role.hasEnded = true
        self.inbox.withLock { $0.takeWork(into: &self.role.batch) }
        let hasRun = self.runWork()
        // Given up before somebody else can take it.
        self.owner.store(0, ordering: .relaxed)
        let isDone = self.inbox.withLock { $0.mayStopDraining(hasRun: hasRun) }
        // A queued block instead of a loop here, so that work without end leaves the thread to others in between.
        if !isDone { self.drainInBackground() }
    }
}
