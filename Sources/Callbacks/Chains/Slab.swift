/// Values at small, reusable places: looking one up is indexing an array.
struct Slab<Element> {
    private var elements: [Element] = []
    private var isTaken: [Bool] = []
    private var free: [Int] = []
    /// What stands in an empty place, so that it keeps nothing alive.
    private let vacant: Element

    init(vacant: Element) {
        self.vacant = vacant
    }

    var count: Int { self.elements.count - self.free.count }
    /// The places that hold a value.
    var places: [Int] { self.elements.indices.filter { self.isTaken[$0] } }

    mutating func insert(_ element: Element) -> Int {
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
        self.elements[place] = self.vacant
        self.isTaken[place] = false
        self.free.append(place)
    }

    func contains(_ place: Int) -> Bool {
        self.isTaken.indices.contains(place) && self.isTaken[place]
    }

    /// The value at a place that is known to hold one.
    subscript(place: Int) -> Element {
        // Yielded, not returned: a copy of a large value costs more than what most readers do with it.
        _read { yield self.elements[place] }
        _modify { yield &self.elements[place] }
    }
}

extension Slab: Sendable where Element: Sendable {}
