internal import WireProtocol

/// A background update as its controller knows it.
public struct BackgroundUpdateIdentity: Hashable, Sendable {
    /// The update's name in the queue.
    public var name: String
    /// The database as the operator's configuration names it.
    public var database: String
    /// Whether it is done in one go, however long that takes.
    public var isOneShot: Bool

    public init(name: String, database: String, isOneShot: Bool = false) {
        self.name = name
        self.database = database
        self.isOneShot = isOneShot
    }
}

/// What a controller says before a batch.
public enum BackgroundUpdatePace: Hashable, Sendable {
    /// Work for so long, and then sleep.
    case run(Duration, sleep: Duration = .zero)
    /// Do not work now; ask again after this time, or after a minute if that is less.
    case wait(Duration, reason: String)
}

/// How a batch ended.
public enum BackgroundUpdateOutcome: Hashable, Sendable {
    /// There is more to do. A batch is cut when its time is up before its rows are done.
    case progressed(rows: Int, duration: Duration, isCut: Bool)
    /// It was the last batch.
    case finished(rows: Int, duration: Duration)
    /// Nothing changed; the update is tried again later.
    case failed(String)
    /// The batch was given up before it began or ended.
    case aborted(String)
    /// Nobody knows: the worker has not said.
    case lost(String)
}

extension BackgroundUpdatePace {
    var json: JSONValue {
        switch self {
        case .run(let duration, let sleep) where sleep == .zero: .number(duration.milliseconds)
        case .run(let duration, let sleep):
            ["duration_ms": .number(duration.milliseconds), "sleep_ms": .number(sleep.milliseconds)]
        case .wait(let duration, let reason):
            ["wait_ms": .number(duration.milliseconds), "reason": .string(reason)]
        }
    }
}

extension BackgroundUpdateIdentity {
    init(_ arguments: CallbackArguments) throws {
        self.name = try arguments.string("update_name")
        self.database = try arguments.string("database_name")
        self.isOneShot = arguments["one_shot"] == true
    }
}

extension BackgroundUpdateOutcome {
    /// An outcome of a form that is not known counts as lost.
    init(_ json: JSONValue) {
        let rows = Int(clamping: json["rows"]?.integer ?? 0)
        let duration = Duration.milliseconds(json["duration_ms"]?.number ?? 0)
        let error = json["error"]?.string ?? ""
        switch json["status"]?.string {
        case "progressed": self = .progressed(rows: rows, duration: duration, isCut: json["cut"] == true)
        case "finished": self = .finished(rows: rows, duration: duration)
        case "failed": self = .failed(error)
        case "aborted": self = .aborted(error)
        default: self = .lost(error)
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Double { self / .milliseconds(1) }
}
