/// What can be measured by itself.
enum Part: String, CaseIterable {
    case bus, http, updates, caching

    /// What its loads are numbers of.
    var load: String {
        switch self {
        case .bus, .caching: "in flight"
        case .http: "connections"
        case .updates: "at a time"
        }
    }
}

/// A part whose processes are running.
protocol Measuring {
    /// Measures everything once.
    func measure(round: Int, into table: inout Measurements) throws
}
