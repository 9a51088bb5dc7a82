internal import SeededRandom

/// The rules of supervision: who starts when, what becomes of a process that ends, and how everything stops.
///
/// A value without I/O. Events and the time since the supervisor's start go in, actions come out; the same seed and the same
/// events give the same actions.
///
/// - **Start** is by stages: dispatcher and cache, gateway, workers and modules. A stage begins when every process of the former one was started;
///   nobody waits for readiness, since everybody reconnects.
/// - **A process that ends unasked** is started again after a back-off that doubles, with jitter so that many replicas do not
///   come back in step. After ``SupervisorLimits/healthyAfter`` the back-off starts anew.
/// - **Quarantine**: ``SupervisorLimits/failuresMax`` failures within ``SupervisorLimits/failureWindow``. Essential processes
///   are only set aside before the platform was ready for the first time (it will not come up, and says so); after that they
///   are started again for ever, because nothing works without them.
/// - **Exit status 78** is a configuration error: another start could not help, so it is set aside at once.
/// - **Stop** is by stages too: gateway and workers, modules, dispatcher and cache. A stage begins when the former one is gone or its time is up;
///   what is left after ``SupervisorLimits/grace`` is killed.
public struct SupervisorCore: Sendable {
    public enum Event: Sendable, Hashable {
        case start
        case started(String, pid: Int32)
        case spawnFailed(String, reason: String)
        /// - Parameter lastWords: the last line it wrote, to be shown as the likely reason.
        case exited(String, ProcessExit, lastWords: String)
        /// The platform answered that it is ready.
        case platformReady
        /// Somebody asks that what is set aside be tried again.
        case retrySetAside
        /// Stop everything; asked a second time, kill everything.
        case stop
        case tick
    }

    public enum Action: Sendable, Hashable {
        case spawn(String)
        /// Ask the process and its children to end.
        case terminate(String)
        /// End the process and its children.
        case kill(String)
        /// The process has another state.
        case report(SupervisedProcess)
    }

    enum Phase: Sendable, Hashable {
        case idle
        case starting(stage: Int)
        case running
        case stopping(stage: Int, since: Duration, killed: Bool)
    }

    public let limits: SupervisorLimits
    /// Every process, in the order in which they were given.
    public internal(set) var processes: [SupervisedProcess]

    var phase = Phase.idle
    var wasReady = false
    var generator: SplitMix64
    private let indices: [String: Int]

    /// Creates a supervisor of processes that do not run yet.
    ///
    /// - Parameters:
    ///   - plans: the processes; names are unique.
    ///   - limits: the times and counts to go by.
    ///   - seed: of the back-off's jitter.
    public init(plans: [ProcessPlan], limits: SupervisorLimits = .init(), seed: UInt64) {
        self.processes = plans.map(SupervisedProcess.init)
        self.indices = Dictionary(plans.enumerated().map { ($1.name, $0) }) { first, _ in first }
        self.limits = limits
        self.generator = SplitMix64(seed: seed)
    }

    /// True when everything was stopped and nothing is left.
    public var isFinished: Bool {
        guard case .stopping = self.phase else { return false }
        return self.processes.allSatisfy { $0.state == .stopped }
    }

    /// Takes one event at a time since the supervisor's start; the time never goes backwards.
    public mutating func handle(_ event: Event, at now: Duration) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .start: self.start(&actions)
        case .started(let name, let pid): self.started(name, pid: pid, at: now, &actions)
        case .spawnFailed(let name, let reason): self.failed(name, reason: reason, at: now, &actions)
        case .exited(let name, let exit, let words): self.exited(name, exit, lastWords: words, at: now, &actions)
        case .platformReady: self.wasReady = true
        case .retrySetAside: self.retrySetAside(&actions)
        case .stop: self.stop(at: now, &actions)
        case .tick: break
        }
        self.advance(at: now, &actions)
        return actions
    }

    func index(of name: String) -> Int? { self.indices[name] }

    mutating func setState(_ state: ProcessState, of index: Int, _ actions: inout [Action]) {
        guard self.processes[index].state != state else { return }
        self.processes[index].state = state
        actions.append(.report(self.processes[index]))
    }

    private mutating func advance(at now: Duration, _ actions: inout [Action]) {
        switch self.phase {
        case .idle: break
        case .starting: self.advanceStart(&actions)
        case .running: break
        case .stopping: self.advanceStop(at: now, &actions)
        }
        self.spawnDue(at: now, &actions)
    }
}
