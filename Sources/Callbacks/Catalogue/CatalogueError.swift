/// Everything that is wrong with a catalogue file.
public struct CatalogueError: Error, Hashable, Sendable {
    /// One thing that is wrong, and where.
    public struct Problem: Hashable, Sendable, CustomStringConvertible {
        public var file: String
        /// From 1.
        public var line: Int?
        /// Such as `categories.shop.callbacks.may_buy.rule`; empty for the file as a whole.
        public var keyPath: String
        public var message: String

        public var description: String {
            let place = self.line.map { "\(self.file):\($0)" } ?? self.file
            return self.keyPath.isEmpty ? "\(place): \(self.message)" : "\(place): \(self.keyPath): \(self.message)"
        }
    }

    public let problems: [Problem]
}

extension CatalogueError: CustomStringConvertible {
    public var description: String {
        self.problems.map(\.description).joined(separator: "\n")
    }
}
