/// What can stand in a ``Slab``.
protocol SlabElement {
    /// Lets go of everything that it keeps alive: its place is empty now, and may be taken as it is.
    mutating func vacate()
}

/// Values at small, reusable places: looking one up is indexing an array.
struct Slab<Element: SlabElement> {
    private var elements: [Element] = []
    private var isTaken: [Bool] = []
    private var free: [Int] = []

    var count: Int { self.elements.count - self.free.count }
    /// The places that hold a value.
    var places: [Int] { self.elements.indices.filter { self.isTaken[$0] } }

    /// A place for a value that is filled in there: what it holds is as ``SlabElement/vacate()`` left it, or new.
    ///
    /// A large value that was made elsewhere would be moved, and the vacant one taken apart.
    mutating func take(orMake make: @autoclosure () -> Element) -> Int {
        guard let place = self.free.popLast() else { return self.insert(make()) }
        self.isTaken[place] = true
        return place
    }

    mutating func insert(_ element: consuming Element) -> Int {
        guard let place = self.free.popLast() else {
            self.elements.append(element)
            self.isTaken.append(true)
            return self.elements.count - 1
        }
        self.elements[place] = element
        self.isTaken[place] = true
        return place
    }

    mutating func remove(at place: Int) {
        guard self.contains(place) else { return }
        self.elements[place].vacate()
        self.isTaken[place] = false
        self.free.append(place)
    }

    func contains(_ place: Int) -> Bool {
        self.isTaken.indices.contains(place) && self.isTaken[place]
    }

    /// The value at a place that is known to hold one.
    subscript(place: Int) -> Element {
        // Yielded, not returned, and always in place: a copy of a large value, and the call of an accessor that yields, cost
        // more than what most readers do with it.
        @inline(__always) _read { yield self.elements[place] }
        @inline(__always) _modify { yield &self.elements[place] }
    }
}

extension Slab: Sendable where Element: Sendable {}
