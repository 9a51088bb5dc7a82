public import WireProtocol

/// How the answers of several modules become one.
public enum CombineRule: Hashable, Sendable {
    /// Asked in configured order; the first answer that is not neutral ends the chain.
    case firstAnswer
    /// Everyone is told at once and nothing is decided.
    case notify
    /// Only the first registrant in configured order is asked.
    case exclusive
    /// Everyone is asked and the results are united.
    case merge(Merge)
    /// Each may veto, or replace the argument that the next one sees.
    case amend(Amend)
    /// Those who registered the key that stands in the arguments are asked as for ``firstAnswer``.
    case keyed(Keyed)
    /// Entering returns a value and opens a scope that is left exactly once.
    case scoped(leaseMilliseconds: UInt32)

    /// How results are united.
    public struct Merge: Hashable, Sendable {
        public enum Into: String, CaseIterable, Sendable {
            /// The union of lists, each value once.
            case set
            /// Objects of lists: per key the union.
            case setsByKey = "sets_by_key"
            /// The members of all objects; of a key that several have, the last wins.
            case object
        }

        public var into: Into
        /// A result that swallows all others and ends the chain.
        public var absorbing: JSONValue?
    }

    /// What may be replaced on the way.
    public struct Amend: Hashable, Sendable {
        /// The name of the argument that an answer's second element replaces.
        public var argument: String
        /// Whether the first replacement ends the chain.
        public var stopsAtReplacement: Bool
    }

    /// Where the key of a keyed callback stands.
    public struct Keyed: Hashable, Sendable {
        /// The name of the argument whose value is the key.
        public var argument: String
    }
}

extension CombineRule {
    static let names = ["first_answer", "notify", "exclusive", "merge", "amend", "keyed", "scoped"]

    /// The rule as a catalogue file names it.
    public var name: String {
        switch self {
        case .firstAnswer: "first_answer"
        case .notify: "notify"
        case .exclusive: "exclusive"
        case .merge: "merge"
        case .amend: "amend"
        case .keyed: "keyed"
        case .scoped: "scoped"
        }
    }

    /// Whether only the first registrant is asked.
    var asksOne: Bool {
        switch self {
        case .exclusive, .scoped: true
        case .firstAnswer, .notify, .merge, .amend, .keyed: false
        }
    }

    /// Whether a result may leave the decision to the next module.
    var hasNeutral: Bool {
        switch self {
        case .firstAnswer, .keyed: true
        case .notify, .exclusive, .merge, .amend, .scoped: false
        }
    }
}

extension CombineRule {
    /// Whether a module may be asked beside the chain: what is entered has to be left, and a login is nobody's to try.
    var mayBeAskedInShadow: Bool {
        switch self {
        case .firstAnswer, .notify, .exclusive, .merge, .amend: true
        case .scoped, .keyed: false
        }
    }

    /// Whether the answers of pure members can be asked for at once and combined in order: what one says changes nothing for the next.
    var mayBeAskedSideBySide: Bool {
        switch self {
        case .firstAnswer, .merge: true
        case .notify, .exclusive, .amend, .keyed, .scoped: false
        }
    }
}

/// Which answers of a `first_answer` chain are no decision.
public enum NeutralValues: Hashable, Sendable {
    case values([JSONValue])
    /// `null`, `false`, 0, the empty string, list and object.
    case falsy
    /// Everything that is not falsy.
    case truthy

    /// Whether a result leaves the decision to the next module.
    public func contains(_ value: JSONValue) -> Bool {
        switch self {
        case .values(let values): values.contains(value)
        case .falsy: value.isFalsy
        case .truthy: !value.isFalsy
        }
    }
}

extension JSONValue {
    fileprivate var isFalsy: Bool {
        switch self {
        case .null: true
        case .bool(let value): !value
        case .integer(let value): value == 0
        case .number(let value): value == 0
        case .string(let value): value.isEmpty
        case .array(let value): value.isEmpty
        case .object(let value): value.isEmpty
        }
    }
}
