import WireProtocol

/// What a chain, or a module beside it, makes of a call.
enum ShadowOpinion: Equatable {
    case none
    case result(Payload)
    /// It failed, in the words of explanations.
    case failed(String)
    /// Its caller gave up, so nobody knows.
    case unknown

    /// What a chain's reply says.
    init(_ status: ReplyStatus, _ body: Payload) {
        switch status {
        case .answer: self = .result(body)
        case .continue: self = .none
        case .error, .overloaded: self = .failed("failed")
        }
    }

    /// Whether two of them say the same; results may be written differently.
    func agrees(with other: Self) -> Bool {
        guard case .result(let left) = self, case .result(let right) = other, left != right else {
            return self == other
        }
        guard let left = try? JSONValue(parsing: left), let right = try? JSONValue(parsing: right) else { return false }
        return left == right
    }

    /// The longest result that is shown, in letters.
    private static let lettersMax = 200

    var text: String {
        switch self {
        case .none: return "continue"
        case .failed(let name): return name
        case .unknown: return "cancelled"
        case .result(let body):
            let text = body.text
            return text.count > Self.lettersMax ? "\(text.prefix(Self.lettersMax))…" : text
        }
    }
}

/// A call to a module in shadow, until both what it says and what the chain came to are known.
struct ShadowCall: SlabElement {
    var module: Int
    var callback: Int
    /// The number of the chain that it stands beside.
    var chain: UInt64
    var chains: ShadowOpinion?
    var own: ShadowOpinion?

    // Its other members are not looked at before the place is filled as a whole.
    mutating func vacate() {
        self.chains = nil
        self.own = nil
    }
}
