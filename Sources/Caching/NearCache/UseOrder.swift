/// Places in the order of their last use, linked through indices: using one allocates nothing.
///
/// Apart from what is kept at the places, so that moving one neither copies a value nor has to know its type.
struct UseOrder: Sendable {
    private static var none: Int { -1 }

    private struct Link: Sendable {
        var newer: Int
        var older: Int
    }

    private var links: [Link] = []
    private var newest = Self.none
    private var last = Self.none

    /// The place that was not used for longest.
    var oldest: Int? { self.last == Self.none ? nil : self.last }

    /// Takes a place in as the newest: one more than there ever were, or one that was removed.
    mutating func add(_ place: Int) {
        if place == self.links.count { self.links.append(Link(newer: Self.none, older: Self.none)) }
        self.linkAsNewest(place)
    }

    mutating func use(_ place: Int) {
        guard place != self.newest else { return }
        self.remove(place)
        self.linkAsNewest(place)
    }

    mutating func remove(_ place: Int) {
        let link = self.links[place]
        if link.newer == Self.none { self.newest = link.older } else { self.links[link.newer].older = link.older }
        if link.older == Self.none { self.last = link.newer } else { self.links[link.older].newer = link.newer }
    }

    private mutating func linkAsNewest(_ place: Int) {
        self.links[place] = Link(newer: Self.none, older: self.newest)
        if self.newest != Self.none { self.links[self.newest].newer = place }
        self.newest = place
        if self.last == Self.none { self.last = place }
    }
}
