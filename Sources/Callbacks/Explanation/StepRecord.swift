import WireProtocol

/// What one step of a chain came to, in a few bytes: names are looked up when somebody asks.
struct StepRecord: Equatable {
    /// The module's place in the configuration.
    var module: Int32
    /// Who answered for it, a number of ``PeerIdentities``; 0 when nobody was asked.
    var identity: UInt32 = 0
    var verdict: StepVerdict
    /// How long it took; no call takes 71 minutes.
    var microseconds: UInt32 = 0

    /// A step that could not be taken.
    init(_ verdict: StepVerdict, module: Int) {
        self.module = Int32(truncatingIfNeeded: module)
        self.verdict = verdict
    }

    /// A step that somebody was asked for.
    init(_ verdict: StepVerdict, module: Int, identity: UInt32, microseconds: UInt32) {
        self.init(verdict, module: module)
        self.identity = identity
        self.microseconds = microseconds
    }
}

/// What a module said, or why it said nothing.
enum StepVerdict: UInt8, Equatable {
    case answer
    case `continue`
    /// A scope was left.
    case exit
    case timeout
    case lost
    case overloaded
    case error
    case invalidResult
    case noneUp
    /// It says that the caller is to blame, and is right.
    case badRequest
    /// An operator has taken it out.
    case disabled
    /// The call is not for it.
    case filtered

    init(_ kind: FailureKind) {
        self =
            switch kind {
            case .timeout: .timeout
            case .lost: .lost
            case .overloaded: .overloaded
            case .error: .error
            case .invalidResult: .invalidResult
            case .noneUp, .noneRegistered: .noneUp
            }
    }

    /// The verdict as explanations name it: that of a failure is the code by which hosts see it.
    var name: String {
        switch self {
        case .answer: "answer"
        case .continue: "continue"
        case .exit: "exit"
        case .timeout: BusFault.Code.timeout.rawValue
        case .lost: BusFault.Code.lost.rawValue
        case .overloaded: BusFault.Code.overloaded.rawValue
        case .error: BusFault.Code.moduleError.rawValue
        case .invalidResult: BusFault.Code.invalidResult.rawValue
        case .noneUp: BusFault.Code.noneUp.rawValue
        case .badRequest: BusFault.Code.badRequest.rawValue
        case .disabled: "disabled"
        case .filtered: "filtered"
        }
    }
}
