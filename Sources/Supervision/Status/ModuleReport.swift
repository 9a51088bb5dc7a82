/// One module as the gateway's admin surface shows it.
public struct ModuleReport: Sendable, Hashable, Codable {
    /// One process of the module.
    public struct Instance: Sendable, Hashable, Codable {
        public var incarnation: String?
        public var state: String?
        public var sinceMS: Int?
        public var inFlight: Int?
        public var calls: Int?
        public var errors: Int?
        public var timeouts: Int?

        enum CodingKeys: String, CodingKey {
            case incarnation
            case state
            case sinceMS = "since_ms"
            case inFlight = "in_flight"
            case calls
            case errors
            case timeouts
        }
    }

    /// A refusal or a warning, with what it is about.
    public struct Remark: Sendable, Hashable, Codable {
        public var code: String?
        public var item: String?
        public var message: String

        /// Creates a remark.
        public init(code: String?, item: String?, message: String) {
            self.code = code
            self.item = item
            self.message = message
        }

        /// `spam_checker/no_such_callback: is not in the catalogue`.
        public var text: String {
            guard let item, !item.isEmpty else { return self.message }
            return "\(item): \(self.message)"
        }
    }

    /// Who took the module out of everything, and why.
    public struct Disabling: Sendable, Hashable, Codable {
        public var by: String
        public var reason: String
        public var sinceMS: Int?

        enum CodingKeys: String, CodingKey {
            case by
            case reason
            case sinceMS = "since_ms"
        }

        /// `disabled by ada 3 min ago: vetoes everything`.
        public var text: String {
            let who = self.by.isEmpty ? "" : " by \(self.by)"
            let when = self.sinceMS.map { " \(Age.text(milliseconds: $0)) ago" } ?? ""
            return "disabled\(who)\(when)" + (self.reason.isEmpty ? "" : ": \(self.reason)")
        }
    }

    /// What keeps calls of a callback away while most of them fail.
    public struct Circuit: Sendable, Hashable, Codable {
        public var open: Bool
        /// The failure that is repeated in place of calls.
        public var failure: String
        public var openings: Int
    }

    public var id: String
    public var position: Int?
    public var state: String
    public var version: String?
    public var instances: [Instance]
    public var routes: [String]
    public var callbacks: [String]
    public var warnings: [Remark]
    public var reasons: [Remark]
    /// Set while an operator has it out of everything.
    public var disabled: Disabling?
    /// The circuits of its callbacks that are open, or have been.
    public var circuits: [String: Circuit] = [:]
    /// How often a chain went on after a failure of it as if it had no opinion.
    public var failOpens: Int?

    enum CodingKeys: String, CodingKey {
        case id
        case position
        case state
        case version
        case instances
        case routes
        case callbacks
        case warnings
        case reasons
        case disabled
        case circuits
        case failOpens = "fail_opens"
    }

    /// Creates a report of a module that nothing is known of but its state.
    public init(id: String, position: Int? = nil, state: String) {
        self.id = id
        self.position = position
        self.state = state
        self.instances = []
        self.routes = []
        self.callbacks = []
        self.warnings = []
        self.reasons = []
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.position = try container.decodeIfPresent(Int.self, forKey: .position)
        self.state = try container.decode(String.self, forKey: .state)
        self.version = try container.decodeIfPresent(String.self, forKey: .version)
        self.instances = try container.decodeIfPresent([Instance].self, forKey: .instances) ?? []
        self.routes = try container.decodeIfPresent([String].self, forKey: .routes) ?? []
        self.callbacks = try container.decodeIfPresent([String].self, forKey: .callbacks) ?? []
        self.warnings = try container.decodeIfPresent([Remark].self, forKey: .warnings) ?? []
        self.reasons = try container.decodeIfPresent([Remark].self, forKey: .reasons) ?? []
        self.disabled = try container.decodeIfPresent(Disabling.self, forKey: .disabled)
        self.circuits = try container.decodeIfPresent([String: Circuit].self, forKey: .circuits) ?? [:]
        self.failOpens = try container.decodeIfPresent(Int.self, forKey: .failOpens)
    }
}
