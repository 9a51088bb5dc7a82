public import WireProtocol

/// How a step of a chain, or a chain as a whole, can go wrong.
public enum FailureKind: String, CaseIterable, Sendable {
    /// The module did not answer in time.
    case timeout
    /// The module went away with the call.
    case lost
    /// The module, or every replica of it, had no room for the call.
    case overloaded
    /// The module answered an error.
    case error
    /// The module's answer is not what the catalogue declares.
    case invalidResult = "invalid_result"
    /// Nobody registered the callback.
    case noneRegistered = "none_registered"
    /// It is registered, and no replica can take calls.
    case noneUp = "none_up"

    /// The code by which a host sees this failure.
    var code: BusFault.Code {
        switch self {
        case .timeout: .timeout
        case .lost: .lost
        case .overloaded: .overloaded
        case .error: .moduleError
        case .invalidResult: .invalidResult
        case .noneRegistered: .noneRegistered
        case .noneUp: .noneUp
        }
    }

    /// Whether the same call may succeed a little later.
    var isRetryable: Bool {
        switch self {
        case .timeout, .lost, .overloaded, .noneUp: true
        case .error, .invalidResult, .noneRegistered: false
        }
    }
}

/// What a failure does to a chain.
public enum FailureAction: Hashable, Sendable {
    /// As if the module had no opinion.
    case `continue`
    /// The chain ends with this result.
    case stopWith(JSONValue)
    /// The chain ends with an error.
    case fail
}

/// What each kind of failure does to a callback's chain.
public struct FailurePolicy: Hashable, Sendable {
    private var actions: [FailureKind: FailureAction]

    /// A policy in which every kind that is not given fails: what nobody thought of must be seen.
    public init(_ actions: [FailureKind: FailureAction] = [:]) {
        self.actions = actions
    }

    public subscript(kind: FailureKind) -> FailureAction {
        get { self.actions[kind] ?? .fail }
        set { self.actions[kind] = newValue }
    }
}

extension FailurePolicy {
    /// The policy as operators see it.
    var json: JSONValue {
        var object = JSONObject()
        for kind in FailureKind.allCases {
            object[kind.rawValue] =
                switch self[kind] {
                case .continue: "continue"
                case .fail: "fail"
                case .stopWith(let value): ["stop_with": value]
                }
        }
        return .object(object)
    }
}
