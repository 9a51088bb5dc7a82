import Yams

/// One value of the file: where it stands, and typed access that reports what does not fit and goes on.
struct ConfigurationValue {
    let node: Node
    let keyPath: String
    let location: ConfigurationLocation?
    let document: ConfigurationDocument

    /// Makes a value and notes its place.
    ///
    /// A collection is located by the key that leads to it, because libYAML places a collection at its first element,
    /// which is often a line further down than what a person looks for.
    init(_ node: Node, keyPath: String, key: Node?, document: ConfigurationDocument) {
        let mark = node.scalar == nil ? key?.mark ?? node.mark : node.mark
        self.node = node
        self.keyPath = keyPath
        self.location = mark.map { .init(line: $0.line, column: $0.column) }
        self.document = document
        document.note(self.location, of: keyPath)
    }

    /// The scalar's meaning, where quoted ones are text; nil for a list or a mapping.
    var scalar: PlainScalar? {
        guard let scalar = self.node.scalar else { return nil }
        return scalar.style == .plain || scalar.style == .any ? PlainScalar(scalar.string) : .text(scalar.string)
    }

    /// A key without a value, as is left behind when all its children are commented out.
    var isNull: Bool { self.scalar == .null }

    func report(_ message: String) {
        self.document.report(message, at: self.keyPath, location: self.location)
    }

    func report(expected: String) {
        if case .refused(let reason) = self.scalar {
            self.report("expected \(expected); \(reason)")
        } else {
            self.report("expected \(expected), found \(self.kind)")
        }
    }

    private var kind: String {
        switch self.scalar {
        case nil: self.node.mapping == nil ? "a list" : "a mapping"
        case .null: "nothing"
        case .boolean: "true or false"
        case .integer, .number, .refused: "a number"
        case .text: "text"
        }
    }
}

extension ConfigurationValue {
    func string() -> String? {
        guard case .text(let text) = self.scalar, !text.isEmpty else {
            self.report(expected: "text")
            return nil
        }
        return text
    }

    func boolean() -> Bool? {
        guard case .boolean(let value) = self.scalar else {
            self.report(expected: "true or false")
            return nil
        }
        return value
    }

    func integer(in range: ClosedRange<Int>) -> Int? {
        guard case .integer(let value) = self.scalar else {
            self.report(expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        guard let number = Int(exactly: value), range.contains(number) else {
            self.report("\(value) is not within \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    /// The elements of a list.
    func list(of what: String) -> [ConfigurationValue]? {
        guard let sequence = self.node.sequence else {
            self.report(expected: "a list of \(what)")
            return nil
        }
        return sequence.enumerated().map { index, node in
            let path = KeyPath.index(index, in: self.keyPath)
            return ConfigurationValue(node, keyPath: path, key: nil, document: self.document)
        }
    }

    /// A list of strings; elements that are none are reported and left out.
    func strings() -> [String]? {
        self.list(of: "strings")?.compactMap { $0.string() }
    }

    /// Reads a mapping, then reports every key that `read` did not ask for.
    func section<T>(_ read: (ConfigurationSection) -> T) -> T? {
        guard let entries = self.entries() else { return nil }
        let section = ConfigurationSection(self, entries: entries)
        let result = read(section)
        section.reportUnknownKeys()
        return result
    }

    /// The entries of a mapping in the order of the file, `<<` merged in.
    func entries() -> [(key: String, value: ConfigurationValue)]? {
        guard let mapping = self.node.mapping else {
            self.report(expected: "a mapping")
            return nil
        }
        var entries: [(key: String, value: ConfigurationValue)] = []
        var merged: [(key: String, value: ConfigurationValue)] = []
        for (key, node) in mapping {
            guard let name = key.scalar else {
                self.report("a key must be text")
                continue
            }
            let path = KeyPath.key(name.string, in: self.keyPath)
            if name.string == "<<", name.style == .plain {
                merged += self.merged(from: node, key: key)
            } else {
                entries.append((name.string, .init(node, keyPath: path, key: key, document: self.document)))
            }
        }
        let own = Set(entries.map(\.key))
        return entries + merged.filter { !own.contains($0.key) }
    }

    /// The entries that a merge key brings: of one mapping, or of several where the earlier wins.
    private func merged(from node: Node, key: Node) -> [(key: String, value: ConfigurationValue)] {
        var seen = Set<String>()
        let sources = node.sequence.map(Array.init) ?? [node]
        return
            sources
            .compactMap { ConfigurationValue($0, keyPath: self.keyPath, key: key, document: self.document).entries() }
            .joined()
            .filter { seen.insert($0.key).inserted }
    }
}
