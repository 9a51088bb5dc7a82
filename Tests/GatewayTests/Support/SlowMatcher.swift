import WireProtocol

/// What a routing table means, said without any regard to speed.
enum SlowMatcher {
    static func route(
        for path: String,
        among routes: [RoutingTableMessage.Route]
    ) -> RoutingTableMessage.Route? {
        let path = self.segments(path)
        return
            routes
            .compactMap { route in self.rank(route.claim, path).map { (route, $0) } }
            .min { $0.1.lexicographicallyPrecedes($1.1) }?
            .0
    }

    /// How well a route fits, the lowest best; `nil` if it does not match.
    private static func rank(_ claim: RouteClaim, _ path: [String]) -> [Int]? {
        var pattern = self.segments(claim.path)
        guard claim.match == .subtree else {
            guard pattern.count == path.count else { return nil }
            return self.kinds(pattern, path).map { [0] + $0 }
        }
        let endsInSlash = pattern.last == ""
        if endsInSlash { pattern.removeLast() }
        guard path.count >= pattern.count + (endsInSlash ? 1 : 0) else { return nil }
        let length = 2 * pattern.count + (endsInSlash ? 1 : 0)
        return self.kinds(pattern, Array(path.prefix(pattern.count))).map { [1, -length] + $0 }
    }

    /// 0 for each literal that fits, 1 for each parameter.
    private static func kinds(_ pattern: [String], _ path: [String]) -> [Int]? {
        var kinds: [Int] = []
        for (pattern, segment) in zip(pattern, path) {
            if pattern == segment {
                kinds.append(0)
            } else if pattern.hasPrefix("{"), !segment.isEmpty {
                kinds.append(1)
            } else {
                return nil
            }
        }
        return kinds
    }

    private static func segments(_ path: String) -> [String] {
        path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map { segment in
            ["%61": "a", "%62": "b", "a%2Fb": "a/b"][segment] ?? String(segment)
        }
    }
}
