/// The prefixes below which no module is ever served.
struct ReservedPaths: Sendable {
    /// The gateway's own resources: reserved whatever the operator configures.
    static let own = "/_ganglion"

    private let prefixes: [[String]]

    init(_ prefixes: [String]) {
        self.prefixes = (prefixes + [Self.own])
            .map { prefix in
                let segments = RequestPath.segments(ofRoute: prefix)
                return segments.last == "" ? segments.dropLast() : segments
            }
            .filter { !$0.isEmpty }
    }

    /// Whether a path is one of the prefixes or lies below one.
    func contains(_ path: RequestPath) -> Bool {
        self.prefixes.contains { path.segments.starts(with: $0) }
    }
}
