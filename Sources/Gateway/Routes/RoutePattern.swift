internal import WireProtocol

/// A route's path, read once.
struct RoutePattern: Sendable {
    enum Segment: Hashable, Sendable {
        /// Decoded.
        case literal(String)
        /// Any one segment that is not empty: `/users/` is not `/users/{id}`.
        case parameter
    }

    /// What a route matches behind its segments.
    enum Reach: Sendable {
        /// Nothing.
        case exact
        /// Nothing, or whatever follows a slash.
        case subtree
        /// Whatever follows a slash, which has to be there: a subtree whose path ends in a slash.
        case below
    }

    let segments: [Segment]
    let reach: Reach
    /// The path as a request would spell it, if only that one spelling matches.
    let literalText: String?

    init(_ claim: RouteClaim) {
        var segments = RequestPath.segments(ofRoute: claim.path).map(Segment.init)
        switch claim.match {
        case .exact:
            self.reach = .exact
        case .subtree where segments.last == .literal(""):
            segments.removeLast()
            self.reach = .below
        case .subtree:
            self.reach = .subtree
        }
        self.segments = segments
        let isLiteral = claim.match == .exact && !segments.contains(.parameter) && !claim.path.utf8.contains(0x25)
        self.literalText = isLiteral ? claim.path : nil
    }
}

extension RoutePattern.Segment {
    fileprivate init(_ text: String) {
        self = text.hasPrefix("{") && text.hasSuffix("}") && text.utf8.count > 2 ? .parameter : .literal(text)
    }
}
