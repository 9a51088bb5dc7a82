import WireProtocol

/// How often something failed, by the kind of failure; that nobody was up, or had registered, is one.
struct FailureCounts: Equatable {
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

    subscript(kind: FailureKind) -> Int {
        switch kind {
        case .timeout: self.timeouts
        case .lost: self.lost
        case .overloaded: self.overloaded
        case .error: self.errors
        case .invalidResult: self.invalidResults
        case .noneUp, .noneRegistered: self.nobody
        }
    }

    /// The kinds that have happened, by the names that policies have for them.
    var json: JSONValue {
        var object = JSONObject()
        for kind in [FailureKind.timeout, .lost, .overloaded, .error, .invalidResult, .noneUp] where self[kind] > 0 {
            object[kind.rawValue] = .integer(Int64(self[kind]))
        }
        return .object(object)
    }
}
