import Yams

extension PlatformConfiguration {
    /// What the operator says about some callbacks in place of the catalogue.
    ///
    /// Its form is checked here; whether there are such callbacks and kinds of failure is for whoever has the catalogue.
    public struct CallbackOverride: Sendable, Hashable {
        /// What a failure does to a chain.
        public enum Action: Sendable, Hashable {
            case `continue`
            case fail
            /// The chain ends with this result, as JSON text.
            case stopWith([UInt8])
        }

        /// What one kind of failure does.
        public struct Failure: Sendable, Hashable {
            public var kind: String
            public var action: Action
            /// Where it stands in the file.
            public var keyPath: String
        }

        /// `category/callback`, `category/*` or `*`.
        public var callbacks: String
        /// Where it stands in the file.
        public var keyPath: String
        public var failures: [Failure] = []
        /// How long one module may take; nil for what the catalogue says.
        public var deadline: Duration?
        /// Whether nothing is decided without the modules; nil for what the catalogue says.
        public var isRequired: Bool?
        /// The modules without which nothing is decided.
        public var requiredModules: [String] = []
        /// Whether modules for which that makes no difference are asked at once; nil for yes.
        public var isParallel: Bool?

        init(callbacks: String, keyPath: String) {
            self.callbacks = callbacks
            self.keyPath = keyPath
        }
    }
}

extension PlatformConfiguration.CallbackOverride {
    private static let deadlineRange = 1...600_000

    /// Reads `callbacks.overrides`: callbacks → `{ failure, deadline_ms, required, parallel }`.
    static func overrides(_ value: ConfigurationValue) -> [Self]? {
        value.entries()?.compactMap { callbacks, value in
            value.section { section in
                var override = Self(callbacks: callbacks, keyPath: value.keyPath)
                override.failures = section["failure"].map(Self.failures) ?? []
                override.deadline = section["deadline_ms"]?.integer(in: Self.deadlineRange).map { .milliseconds($0) }
                section["required"].map { override.readRequired($0) }
                override.isParallel = section["parallel"]?.boolean()
                return override
            }
        }
    }

    /// Reads `modules[].failure`: callbacks → kind of failure → action.
    static func failures(ofModule value: ConfigurationValue) -> [Self]? {
        value.entries()?.map { callbacks, value in
            var override = Self(callbacks: callbacks, keyPath: value.keyPath)
            override.failures = Self.failures(value)
            return override
        }
    }

    private static func failures(_ value: ConfigurationValue) -> [Failure] {
        (value.entries() ?? []).compactMap { kind, value in
            Self.action(value).map { Failure(kind: kind, action: $0, keyPath: value.keyPath) }
        }
    }

    private static func action(_ value: ConfigurationValue) -> Action? {
        switch value.scalar {
        case .text("continue"): return .continue
        case .text("fail"): return .fail
        case nil where value.node.mapping != nil:
            if let entries = value.entries(), let entry = entries.first, entries.count == 1, entry.key == "stop_with" {
                return entry.value.json().map(Action.stopWith)
            }
        default: break
        }
        value.report("expected `continue`, `fail` or `{ stop_with: VALUE }`")
        return nil
    }

    private mutating func readRequired(_ value: ConfigurationValue) {
        guard value.scalar == nil else {
            self.isRequired = value.boolean()
            return
        }
        self.isRequired = true
        self.requiredModules = value.strings() ?? []
    }
}
