import WireProtocol

/// How often a chain went on after a failure as if the module had no opinion, by the kind of failure.
struct FailOpens: Equatable {
    private var timeouts = 0
    private var lost = 0
    private var overloaded = 0
    private var errors = 0
    private var invalidResults = 0
    private var nobody = 0

    var count: Int {
        self.timeouts + self.lost + self.overloaded + self.errors + self.invalidResults + self.nobody
    }

    mutating func note(_ kind: FailureKind) {
        switch kind {
        case .timeout: self.timeouts += 1
        case .lost: self.lost += 1
        case .overloaded: self.overloaded += 1
        case .error: self.errors += 1
        case .invalidResult: self.invalidResults += 1
        case .noneUp, .noneRegistered: self.nobody += 1
        }
    }

    /// The kinds that have happened, by the names that policies have for them.
    var json: JSONValue {
        let counts: KeyValuePairs<FailureKind, Int> = [
            .timeout: self.timeouts, .lost: self.lost, .overloaded: self.overloaded, .error: self.errors,
            .invalidResult: self.invalidResults, .noneUp: self.nobody,
        ]
        var object = JSONObject()
        for (kind, count) in counts where count > 0 { object[kind.rawValue] = .integer(Int64(count)) }
        return .object(object)
    }
}
