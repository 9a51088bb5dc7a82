internal import MessageBus
internal import Supervision
internal import ZeroMQ

/// Carries out what a session wants, with a ROUTER socket and a process, and tells it what happens.
final class ConformanceRunner: PollLoopResident {
    /// How often the process is looked at: what it writes and its end do not wake a poll loop.
    private static let glance = Duration.milliseconds(10)
    /// From the end of the process until it counts: what it sent last is still on its way through libzmq.
    private static let echo = Duration.milliseconds(50)
    private static let batch = 256

    private var session: ConformanceSession
    private let endpoint: String
    private let command: ProcessCommand
    private let results: AsyncThrowingStream<CheckResult, any Error>.Continuation
    private var resultCount = 0
    private var router: BoundRouter?
    private var process: ModuleProcess?
    private var ended: MonotonicTime?
    private var hasStarted = false

    init(
        _ session: ConformanceSession,
        endpoint: String,
        command: ProcessCommand,
        results: AsyncThrowingStream<CheckResult, any Error>.Continuation
    ) {
        self.session = session
        self.endpoint = endpoint
        self.command = command
        self.results = results
    }

    func turn() -> Bool {
        guard !self.session.isFinished else { return false }
        do throws(ZeroMQError) {
            if !self.hasStarted {
                self.hasStarted = true
                try self.perform(self.session.start(at: .now()))
            }
            let isBusy = try self.readMessages()
            try self.lookAtProcess()
            try self.perform(self.session.advance(to: .now()))
            self.publish()
            return isBusy
        } catch {
            self.letGo()
            self.results.finish(throwing: error)
            return false
        }
    }

    func prepareToWait(_ wait: inout PollWait) {
        guard !self.session.isFinished else { return }
        if let router { router.await(&wait) }
        if let deadline = self.session.deadline { wait.wake(within: deadline.since(.now())) }
        wait.wake(within: Self.glance)
    }

    func loopWillStop() {
        self.letGo()
        self.results.finish()
    }

    private func publish() {
        for result in self.session.report.results[self.resultCount...] { self.results.yield(result) }
        self.resultCount = self.session.report.results.count
        guard self.session.isFinished else { return }
        self.results.finish()
    }

    private func letGo() {
        _ = self.takeProcess()?.reap()
        self.router = nil
    }
}

// MARK: - The module

extension ConformanceRunner {
    private func lookAtProcess() throws(ZeroMQError) {
        let lines = self.process?.readLines() ?? []
        for line in lines { try self.perform(self.session.receive(.wrote(line), at: .now())) }
        guard self.process?.hasEnded == true else { return }
        let now = MonotonicTime.now()
        let ended = self.ended ?? now
        self.ended = ended
        guard ended + Self.echo <= now, let process = self.takeProcess() else { return }
        try self.perform(self.session.receive(.ended(process.reap()), at: now))
    }

    private func takeProcess() -> ModuleProcess? {
        self.ended = nil
        return self.process.take()
    }

    private func startProcess() throws(ZeroMQError) {
        do throws(SupervisionError) {
            self.process = try ModuleProcess(self.command)
            self.ended = nil
        } catch {
            try self.perform(self.session.receive(.notStarted(error.message), at: .now()))
        }
    }
}

// MARK: - The bus

extension ConformanceRunner {
    private func readMessages() throws(ZeroMQError) -> Bool {
        for _ in 0..<Self.batch {
            // Asked for each time, because what comes of a message may be a new socket.
            guard let message = try self.router?.receive() else { return false }
            try self.perform(self.session.receive(message, at: .now()))
        }
        return true
    }

    private func perform(_ actions: [ConformanceAction]) throws(ZeroMQError) {
        for action in actions {
            switch action {
            case .bind: self.router = try BoundRouter(endpoint: self.endpoint)
            case .unbind: self.router = nil
            case .send(let frames, let connection): try self.router?.send(frames, to: connection)
            case .start: try self.startProcess()
            case .kill: _ = self.takeProcess()?.reap()
            case .signal(let number): self.process?.signal(number)
            case .closeInput: self.process?.endInput()
            }
        }
    }
}
