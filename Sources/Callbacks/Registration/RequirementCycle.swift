/// A circle of modules that require one another.
struct RequirementCycle: Equatable {
    /// The modules on it, beginning and ending with the one that was asked about.
    var modules: [Int]

    /// The shortest circle that a module stands in; nil when it stands in none.
    ///
    /// - Parameters:
    ///   - module: The module.
    ///   - required: The modules that a module requires.
    init?(through module: Int, _ required: (Int) -> [Int]) {
        var cameFrom: [Int: Int] = [:]
        var next = [module]
        while !next.isEmpty {
            var found: [Int] = []
            for place in next {
                for other in required(place) {
                    if other == module {
                        self.modules = Self.path(from: module, to: place, cameFrom) + [module]
                        return
                    }
                    guard cameFrom[other] == nil else { continue }
                    cameFrom[other] = place
                    found.append(other)
                }
            }
            next = found
        }
        return nil
    }

    private static func path(from start: Int, to end: Int, _ cameFrom: [Int: Int]) -> [Int] {
        var path = [end]
        while let last = path.last, last != start, let before = cameFrom[last] { path.append(before) }
        return path.reversed()
    }
}
