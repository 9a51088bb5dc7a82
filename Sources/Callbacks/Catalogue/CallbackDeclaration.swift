public import WireProtocol

/// What the catalogue says about one callback.
public struct CallbackDeclaration: Hashable, Sendable {
    /// A value that stands for another, such as a deprecated boolean for a code.
    public struct Normalisation: Hashable, Sendable {
        public var from: JSONValue
        public var to: JSONValue
    }

    /// One named argument.
    public struct Argument: Hashable, Sendable {
        public var name: String
        public var type: ValueType
        /// Whether a caller may leave it out, as callers do that are older than the argument.
        public var isOptional = false
        /// The version of the original that has it first, where the callback is older; otherwise empty.
        public var since = ""
    }

    /// Why nobody should begin to use a callback.
    public struct Deprecation: Hashable, Sendable {
        public var since: String
        /// What to use in its place; empty for nothing.
        public var use = ""
    }

    public var category: String
    public var name: String
    public var summary = ""
    /// The version of the original that has it first; empty for callbacks of the operator's own.
    public var since = ""
    public var notes = ""
    public var deprecation: Deprecation?
    /// Whether the original may still change it.
    public var isExperimental = false
    public var arguments: [Argument] = []
    public var result = ValueType.null
    /// Older forms of the result that are accepted too; nil for none.
    public var deprecatedResult: ValueType?
    public var rule = CombineRule.notify
    public var neutral = NeutralValues.values([])
    public var normalisations: [Normalisation] = []
    /// The result when no module has an opinion.
    public var defaultResult = JSONValue.null
    public var failure = FailurePolicy()
    /// How long one module may take.
    public var deadlineMilliseconds: UInt32 = 5000
    /// Whether a module may be asked the same twice: nothing happens but the answer.
    public var isIdempotent = false
    /// Whether neighbours in its chain that are pure are asked at once.
    public var isParallel = true
    /// Whether somebody has to be there to answer: with nobody registered or up, the call fails.
    public var isRequired = false
    /// Where the value stands whose notifications keep their order: an argument's name and what follows below it; empty for no order.
    public var orderBy: [String] = []
    /// Whether the registration of a second module is refused.
    public var isAtMostOneModule = false
    /// The modules without which nothing is decided, by name.
    public var requiredModules: [String] = []

    /// What failures do, with what being required adds.
    public var effectiveFailure: FailurePolicy { self.isRequired ? self.failure.requiring : self.failure }

    /// What a module may answer.
    public var acceptedResult: ValueType {
        self.deprecatedResult.map { .anyOf([self.result, $0]) } ?? self.result
    }

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
    /// Callbacks that a module registers if it registers any of the category.
    public var atLeast: [String] = []
}
