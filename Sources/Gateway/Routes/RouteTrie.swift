/// Routes by their segments.
///
/// A search goes down literals before parameters and turns back where neither leads on, so it looks at each node at most
/// once: its cost is bounded by the routes there are, whatever the request.
struct RouteTrie: Sendable {
    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var exact: Int?
        var subtree: Int?
        var below: Int?
    }

    /// A subtree that matches, and how much of the path it names; half a segment is a slash.
    fileprivate struct Subtree {
        var route: Int
        var halves: Int
    }

    private var nodes = [Node()]

    /// Adds a route; of two with the same pattern the first stays.
    mutating func insert(_ pattern: RoutePattern, _ route: Int) {
        var node = 0
        for segment in pattern.segments {
            node = self.child(of: node, segment)
        }
        switch pattern.reach {
        case .exact: self.nodes[node].exact = self.nodes[node].exact ?? route
        case .subtree: self.nodes[node].subtree = self.nodes[node].subtree ?? route
        case .below: self.nodes[node].below = self.nodes[node].below ?? route
        }
    }

    /// The route that matches a path best.
    func find(_ segments: [String]) -> Int? {
        var subtree: Subtree?
        return self.find(segments, at: 0, depth: 0, &subtree) ?? subtree?.route
    }

    private mutating func child(of node: Int, _ segment: RoutePattern.Segment) -> Int {
        let known =
            switch segment {
            case .literal(let text): self.nodes[node].literals[text]
            case .parameter: self.nodes[node].parameter
            }
        if let known { return known }
        self.nodes.append(Node())
        let new = self.nodes.count - 1
        switch segment {
        case .literal(let text): self.nodes[node].literals[text] = new
        case .parameter: self.nodes[node].parameter = new
        }
        return new
    }

    private func find(_ segments: [String], at index: Int, depth: Int, _ subtree: inout Subtree?) -> Int? {
        let node = self.nodes[index]
        if let route = node.subtree { subtree.offer(Subtree(route: route, halves: 2 * depth)) }
        guard depth < segments.count else { return node.exact }
        if let route = node.below { subtree.offer(Subtree(route: route, halves: 2 * depth + 1)) }
        let segment = segments[depth]
        if let next = node.literals[segment], let route = self.find(segments, at: next, depth: depth + 1, &subtree) {
            return route
        }
        guard let next = node.parameter, !segment.isEmpty else { return nil }
        return self.find(segments, at: next, depth: depth + 1, &subtree)
    }
}

extension RouteTrie.Subtree? {
    /// Keeps the longer one; of two that are as long, the first that was found has the literals further left.
    fileprivate mutating func offer(_ other: RouteTrie.Subtree) {
        if let current = self, current.halves >= other.halves { return }
        self = other
    }
}
