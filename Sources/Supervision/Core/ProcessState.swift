/// What a supervised process is doing.
public enum ProcessState: Sendable, Hashable {
    /// Its turn to start has not come.
    case waiting
    /// It is being started.
    case starting
    case running(pid: Int32, since: Duration)
    /// It failed and is started again at a time.
    case backingOff(until: Duration)
    /// It kept failing; it is not started again until somebody asks.
    case quarantined
    /// It said that its configuration is wrong; it is not started again until somebody asks.
    case configurationError
    /// It was asked to end.
    case stopping(pid: Int32)
    /// It ended because it was asked to, or never started before everything stopped.
    case stopped

    /// The word that status output uses.
    public var word: String {
        switch self {
        case .waiting: "waiting"
        case .starting: "starting"
        case .running: "running"
        case .backingOff: "backing_off"
        case .quarantined: "quarantined"
        case .configurationError: "configuration_error"
        case .stopping: "stopping"
        case .stopped: "stopped"
        }
    }

    /// The process behind it, while there is one.
    public var pid: Int32? {
        switch self {
        case .running(let pid, _), .stopping(let pid): pid
        default: nil
        }
    }

    /// Not started again until somebody asks.
    public var isSetAside: Bool { self == .quarantined || self == .configurationError }
}
