import Foundation
import Logging
import ServiceRuntime

/// The supervisor's thread: it owns the children, carries out what the core asks for and tells it what happened.
final class SupervisorLoop {
    /// From the start of stopping: when the loop gives up waiting for a process that the system does not let end.
    private static let stopMax = Duration.seconds(5)

    private var core: SupervisorCore
    private let commands: [String: ProcessCommand]
    private let mailbox: SupervisorMailbox
    private let lock: Int32?
    private let observe: ([SupervisedProcess]) -> Void
    private var output: ProcessOutput
    private var children = ChildTable()
    private let start = ContinuousClock.now
    private var stopping: Duration?
    private var failure: SupervisionError?

    init(
        core: SupervisorCore,
        commands: [String: ProcessCommand],
        mailbox: SupervisorMailbox,
        lock: Int32?,
        output: consuming ProcessOutput,
        observe: @escaping ([SupervisedProcess]) -> Void
    ) {
        self.core = core
        self.commands = commands
        self.mailbox = mailbox
        self.lock = lock
        self.output = output
        self.observe = observe
    }

    /// Runs until everything was stopped.
    ///
    /// - Returns: why the platform could not be kept up, or nil when somebody asked it to stop.
    func run() -> SupervisionError? {
        self.take(.start)
        while !self.core.isFinished, !self.isOverdue {
            self.waitForSomething()
            self.children.forEachLine { name, line in self.output.write(line, of: name) }
            for message in self.mailbox.take() { self.take(message) }
            self.take(.tick)
            self.output.flush()
        }
        self.output.finish()
        return self.failure ?? self.leftovers
    }

    private var now: Duration { ContinuousClock.now - self.start }

    private var isOverdue: Bool {
        self.stopping.map { self.now - $0 > Self.stopMax } ?? false
    }

    private var leftovers: SupervisionError? {
        let left = self.core.processes.filter { $0.state != .stopped }.map { "\($0.plan.name) (\($0.state.pid ?? 0))" }
        guard !left.isEmpty else { return nil }
        return SupervisionError(.leftovers, "still there after SIGKILL: \(left.joined(separator: ", "))")
    }

    private func waitForSomething() {
        var entries = [self.mailbox.descriptor] + self.children.openOutputs
        var polled = entries.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if self.output.isPending {
            entries.append(self.output.descriptor)
            polled.append(pollfd(fd: self.output.descriptor, events: Int16(POLLOUT), revents: 0))
        }
        poll(&polled, nfds_t(polled.count), self.timeout)
    }

    /// Milliseconds until the core or the loop has something to do by itself.
    private var timeout: Int32 {
        let deadlines = [self.core.deadline, self.stopping.map { $0 + Self.stopMax }].compactMap(\.self)
        guard let next = deadlines.min() else { return -1 }
        let wait = max(.zero, next - self.now)
        return Int32(clamping: wait.components.seconds * 1000 + wait.components.attoseconds / 1_000_000_000_000_000 + 1)
    }

    private func take(_ message: SupervisorMailbox.Message) {
        switch message {
        case .event(let event):
            self.take(event)
        case .ended(let name, let pid):
            guard let (exit, lines, words) = self.children.reap(name, pid: pid) else { return }
            for line in lines { self.output.write(line, of: name) }
            self.take(.exited(name, exit, lastWords: words))
        }
    }

    private func take(_ event: SupervisorCore.Event) {
        if event == .stop, self.stopping == nil { self.stopping = self.now }
        for action in self.core.handle(event, at: self.now) { self.perform(action) }
    }

    private func perform(_ action: SupervisorCore.Action) {
        switch action {
        case .spawn(let name): self.spawn(name)
        case .terminate(let name): self.children.signal(SIGTERM, name)
        case .kill(let name): self.children.signal(SIGKILL, name)
        case .report(let process): self.report(process)
        }
    }

    private func spawn(_ name: String) {
        guard let command = self.commands[name] else {
            self.take(.spawnFailed(name, reason: "has no command"))
            return
        }
        do {
            let pid = try self.children.spawn(name, command, inheriting: self.lock)
            let mailbox = self.mailbox
            Thread.detachNewThread {
                ChildProcess.awaitEnd(of: pid)
                mailbox.post(.ended(name, pid))
            }
            self.take(.started(name, pid: pid))
        } catch {
            self.take(.spawnFailed(name, reason: error.message))
        }
    }

    private func report(_ process: SupervisedProcess) {
        self.output.note(process, at: self.now)
        self.observe(self.core.processes)
        guard process.plan.isEssential, process.state.isSetAside, self.failure == nil else { return }
        let code: SupervisionError.Code = process.state == .configurationError ? .configuration : .essentialProcess
        self.failure = SupervisionError(code, "\(process.plan.name) cannot be kept running: it \(process.reason)")
        self.mailbox.post(.event(.stop))
    }
}
