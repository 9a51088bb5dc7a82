/// In which order pending updates may run.
///
/// An update waits for the one it depends on as long as that is pending itself; a name that is not pending counts as done, as
/// in the original. Updates that wait for one another in a circle would wait for ever: they are told apart from those that
/// merely wait.
struct DependencyOrder: Sendable {
    /// Whether an update may run as far as the others are concerned.
    enum Standing: Hashable, Sendable {
        case ready
        case waiting(for: String)
        /// It is part of this circle.
        case cycle([String])
    }

    /// By ordering, then by name.
    let updates: [PendingUpdate]
    private let dependencies: [String: String]

    init(_ updates: [PendingUpdate]) {
        self.updates = updates.sorted(by: Self.comesFirst)
        let pending = Set(updates.map(\.name))
        self.dependencies = updates.reduce(into: [:]) { result, update in
            guard let name = update.dependsOn, pending.contains(name) else { return }
            result[update.name] = name
        }
    }

    /// Names compare by their bytes, as the original's SQL compares them.
    private static func comesFirst(_ left: PendingUpdate, _ right: PendingUpdate) -> Bool {
        guard left.ordering == right.ordering else { return left.ordering < right.ordering }
        return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }

    func standing(of name: String) -> Standing {
        guard let dependency = self.dependencies[name] else { return .ready }
        let cycle = self.cycle(through: name)
        return cycle.isEmpty ? .waiting(for: dependency) : .cycle(cycle)
    }

    /// The circle that an update is part of, beginning with it; empty if it is part of none.
    private func cycle(through name: String) -> [String] {
        var path = [name]
        var seen: Set<String> = [name]
        var current = name
        while let next = self.dependencies[current] {
            if next == name { return path }
            // A circle further on, which this update only waits for.
            guard seen.insert(next).inserted else { return [] }
            path.append(next)
            current = next
        }
        return []
    }
}
