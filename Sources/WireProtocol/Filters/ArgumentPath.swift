/// Where a value stands in the arguments of a call: the names of the members on the way, such as `event.content.membership`.
///
/// A dot in a name is written `\.`, and a backslash `\\`, as in the push rules of Matrix.
public struct ArgumentPath: Hashable, Sendable {
    /// The longest path, in bytes.
    public static let sizeMax = 256
    /// The most names of a path.
    public static let namesMax = 16

    /// The names, from the outermost.
    public let names: [String]

    /// A path of names as they are.
    public init(_ names: [String]) {
        self.names = names
    }

    /// Reads a path as a filter has it.
    ///
    /// - Throws: ``JSONError`` when it is empty, too long, or has an empty name or a stray backslash.
    public init(parsing text: String) throws(JSONError) {
        guard text.utf8.count <= Self.sizeMax else {
            throw JSONError("a path has at most \(Self.sizeMax) bytes: \(text.prefix(60))…")
        }
        var names: [String] = []
        var name = ""
        var isEscaped = false
        for letter in text.unicodeScalars {
            switch letter {
            case "\\" where !isEscaped:
                isEscaped = true
                continue
            case "." where !isEscaped:
                names.append(name)
                name = ""
            case _ where isEscaped && letter != "\\" && letter != ".":
                throw JSONError("'\(text)': a backslash stands before a dot or another backslash only")
            default:
                name.unicodeScalars.append(letter)
            }
            isEscaped = false
        }
        names.append(name)
        guard !isEscaped, names.allSatisfy({ !$0.isEmpty }), names.count <= Self.namesMax else {
            throw JSONError("'\(text)' is no path: expected 1 to \(Self.namesMax) names with dots between them")
        }
        self.names = names
    }

    /// The path as a filter has it.
    public var text: String {
        self.names.map { name in
            var escaped = ""
            for letter in name.unicodeScalars {
                if letter == "." || letter == "\\" { escaped.unicodeScalars.append("\\") }
                escaped.unicodeScalars.append(letter)
            }
            return escaped
        }.joined(separator: ".")
    }

    /// The value that stands there; nil when there is none.
    func value(in arguments: JSONValue) -> JSONValue? {
        var value = arguments
        for name in self.names {
            guard let member = value.object?[name] else { return nil }
            value = member
        }
        return value
    }
}
