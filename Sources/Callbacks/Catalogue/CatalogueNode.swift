import WireProtocol
import Yams

/// A value of a catalogue file, with its place for error messages.
struct CatalogueNode {
    /// Collects what is wrong with one file; one reader owns it, on one thread.
    final class Problems {
        let file: String
        private(set) var found: [CatalogueError.Problem] = []

        init(file: String) {
            self.file = file
        }

        func report(_ message: String, line: Int?, keyPath: String) {
            self.found.append(.init(file: self.file, line: line, keyPath: keyPath, message: message))
        }
    }

    let node: Node
    let path: String
    let problems: Problems

    /// The text of a scalar, whatever it looks like.
    var word: String? { self.node.scalar?.string }
    var isList: Bool { self.node.sequence != nil }
    var isMapping: Bool { self.node.mapping != nil }

    /// Whether this is a mapping that has a member of that name.
    func hasMember(_ name: String) -> Bool {
        self.node.mapping?.keys.contains { $0.scalar?.string == name } ?? false
    }

    func report(_ message: String) {
        self.problems.report(message, line: self.node.mark?.line, keyPath: self.path)
    }

    /// The members of a mapping in order; reports anything else.
    func members() -> [(key: String, value: CatalogueNode)] {
        guard let mapping = self.node.mapping else {
            self.report("expected a mapping")
            return []
        }
        return mapping.compactMap { key, value in
            guard let name = key.scalar?.string else {
                self.report("a key has to be a plain text")
                return nil
            }
            let path = self.path.isEmpty ? name : "\(self.path).\(name)"
            return (name, CatalogueNode(node: value, path: path, problems: self.problems))
        }
    }

    /// The elements of a list; reports anything else.
    func elements() -> [CatalogueNode] {
        guard let sequence = self.node.sequence else {
            self.report("expected a list")
            return []
        }
        return sequence.enumerated().map { index, node in
            CatalogueNode(node: node, path: "\(self.path)[\(index)]", problems: self.problems)
        }
    }

    /// A text; reports anything else.
    func text() -> String? {
        guard let text = self.node.scalar?.string else {
            self.report("expected a text")
            return nil
        }
        return text
    }

    /// A whole number within bounds; reports anything else.
    func integer(in range: ClosedRange<Int64>) -> Int64? {
        guard let value = self.json()?.integer, range.contains(value) else {
            self.report("expected a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return value
    }

    /// The value as JSON.
    func json() -> JSONValue? {
        switch self.node {
        case .scalar(let scalar):
            return scalar.style == .plain ? Self.plain(scalar.string) : .string(scalar.string)
        case .sequence:
            return .array(self.elements().compactMap { $0.json() })
        case .mapping:
            var object = JSONObject()
            for (key, value) in self.members() {
                object[key] = value.json()
            }
            return .object(object)
        case .alias:
            self.report("aliases are not read here: write the value out")
            return nil
        }
    }

    /// A scalar without quotes, by the core schema of YAML 1.2: `on` and `yes` are texts.
    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null": .null
        case "true": .bool(true)
        case "false": .bool(false)
        default: Self.number(text) ?? .string(text)
        }
    }

    private static func number(_ text: String) -> JSONValue? {
        guard let first = text.utf8.first, first == UInt8(ascii: "-") || (0x30...0x39).contains(first) else {
            return nil
        }
        return Int64(text).map(JSONValue.integer) ?? Double(text).flatMap { $0.isFinite ? .number($0) : nil }
    }
}
