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

    /// The place of the kind's action in a policy.
    fileprivate var place: Int {
        switch self {
        case .timeout: 0
        case .lost: 1
        case .overloaded: 2
        case .error: 3
        case .invalidResult: 4
        case .noneRegistered: 5
        case .noneUp: 6
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
    private var actions: [FailureAction?]

    /// A policy in which every kind that is not given fails: what nobody thought of must be seen.
    public init(_ actions: [FailureKind: FailureAction] = [:]) {
        self.actions = Array(repeating: nil, count: FailureKind.allCases.count)
        for (kind, action) in actions { self[kind] = action }
    }

    public subscript(kind: FailureKind) -> FailureAction {
        get { self.actions[kind.place] ?? .fail }
        set { self.actions[kind.place] = newValue }
    }

    /// What was said about a kind; nil for nothing.
    public func stated(_ kind: FailureKind) -> FailureAction? { self.actions[kind.place] }

    /// This policy with what another one states in place of its own.
    func overlaid(by other: Self) -> Self {
        var policy = self
        for kind in FailureKind.allCases {
            if let action = other.stated(kind) { policy[kind] = action }
        }
        return policy
    }

    /// This policy for a callback that is not to be decided without its modules.
    var requiring: Self {
        var policy = self
        for kind in [FailureKind.noneRegistered, .noneUp] where policy[kind] == .continue {
            policy[kind] = .fail
        }
        return policy
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
