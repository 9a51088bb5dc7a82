/// All callbacks that modules can register, each with its rules.
///
/// A callback is known by its place in ``callbacks``, so that tables and counters are arrays.
public struct Catalogue: Hashable, Sendable {
    /// The categories in the order of the files.
    public private(set) var categories: [CategoryDeclaration] = []
    /// The callbacks in the order of the files.
    public private(set) var callbacks: [CallbackDeclaration] = []
    private var indices: [String: Int] = [:]

    public init() {}

    /// The place of a callback in ``callbacks``.
    ///
    /// - Parameter path: `category/name`.
    /// - Returns: nil when there is no such callback.
    public func index(of path: String) -> Int? {
        self.indices[path]
    }

    public subscript(path: String) -> CallbackDeclaration? {
        self.indices[path].map { self.callbacks[$0] }
    }

    func hasCategory(_ name: String) -> Bool {
        self.categories.contains { $0.name == name }
    }

    /// The names nearest to one that does not exist.
    func suggestions(for path: String) -> [String] {
        Spelling.nearest(to: path, among: self.callbacks.map(\.path), countMax: 3)
    }

    /// Why a pattern of an operator's, `category/name`, `category/*` or `*`, matches nothing; nil when it matches something.
    public func flaw(ofPattern text: String) -> String? {
        let pattern = CallbackPattern(text)
        guard !self.callbacks.contains(where: pattern.matches) else { return nil }
        let known = self.categories.map { "\($0.name)/*" } + self.callbacks.map(\.path)
        let nearest = Spelling.nearest(to: text, among: known, countMax: 3).map { "`\($0)`" }.joined(separator: " or ")
        return "the catalogue has no callback `\(text)`" + (nearest.isEmpty ? "" : "; did you mean \(nearest)?")
    }

    /// Changes what is declared about a callback, which keeps its name and place.
    mutating func change(_ index: Int, _ change: (inout CallbackDeclaration) -> Void) {
        change(&self.callbacks[index])
    }

    mutating func add(_ category: CategoryDeclaration, _ callbacks: [CallbackDeclaration]) {
        self.categories.append(category)
        for callback in callbacks {
            self.indices[callback.path] = self.callbacks.count
            self.callbacks.append(callback)
        }
    }
}
