internal import WireProtocol

extension RoutingTableMessage {
    /// This table, with what an earlier one had for modules that this one waits for.
    ///
    /// A dispatcher that has just started knows its modules by name and not yet what they serve. Until a module has registered again, its
    /// paths are known and down: whoever asks for one is told to come back, not that there is no such thing.
    func keepingRoutes(of earlier: RoutingTableMessage?) -> RoutingTableMessage {
        guard let earlier, !self.waitingFor.isEmpty else { return self }
        let known = Set(self.routes.map(\.module))
        let awaited = Set(self.waitingFor).subtracting(known)
        let taken = Set(self.routes.map { PathClaim($0.claim) })
        var table = self
        for route in earlier.routes where awaited.contains(route.module) && !taken.contains(PathClaim(route.claim)) {
            table.routes.append(Route(claim: route.claim, module: route.module, isUp: false))
        }
        return table
    }
}

/// What two modules cannot both serve.
private struct PathClaim: Hashable {
    let path: String
    let match: RouteClaim.Match

    init(_ claim: RouteClaim) {
        self.path = claim.path
        self.match = claim.match
    }
}
