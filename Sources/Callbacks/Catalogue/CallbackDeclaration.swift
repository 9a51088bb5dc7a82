public import WireProtocol

/// What the catalogue says about one callback.
public struct CallbackDeclaration: Hashable, Sendable {
    /// A value that stands for another, such as a deprecated boolean for a code.
    public struct Normalisation: Hashable, Sendable {
        public var from: JSONValue
        public var to: JSONValue
    }

    public struct Argument: Hashable, Sendable {
        public var name: String
        public var type: ValueType
    }

    public var category: String
    public var name: String
    public var summary = ""
    /// The version of the original that has it first; empty for callbacks of the operator's own.
    public var since = ""
    public var notes = ""
    public var arguments: [Argument] = []
    public var result = ValueType.null
    public var rule = CombineRule.notify
    public var neutral = NeutralValues.values([])
    public var normalisations: [Normalisation] = []
    /// The result when no module has an opinion.
    public var defaultResult = JSONValue.null
    public var failure = FailurePolicy()
    /// How long one module may take.
    public var deadlineMilliseconds: UInt32 = 5000
    /// Whether the registration of a second module is refused.
    public var isAtMostOneModule = false

    /// The name by which modules, operators and configuration refer to it.
    public var path: String { "\(self.category)/\(self.name)" }
    /// The target of calls to it.
    public var target: String { "callback/\(self.category)/\(self.name)" }
}

/// What the catalogue says about a category as a whole.
public struct CategoryDeclaration: Hashable, Sendable {
    public var name: String
    public var summary = ""
    public var since = ""
    /// Groups of callbacks of which a module registers all or none.
    public var bothOrNeither: [[String]] = []
}
