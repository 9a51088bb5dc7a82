/// The path of a web resource, taken apart.
struct RoutePattern {
    /// A target is at most 1024 bytes and has the module's id before the path.
    static let sizeMax = 900

    enum Segment: Hashable {
        case literal(Substring)
        case parameter
    }

    private(set) var segments: [Segment]

    /// Two paths with the same key match the same requests, whatever their parameters are called.
    var key: String {
        self.segments
            .map { segment in
                switch segment {
                case .literal(let text): "/\(text)"
                case .parameter: "/{}"
                }
            }
            .joined()
    }

    /// Takes a path apart, or says what is wrong with it.
    static func parse(_ path: String) -> Result<RoutePattern, Flaw> {
        guard path.hasPrefix("/") else { return .failure(Flaw("a path starts with /")) }
        guard path.utf8.count <= Self.sizeMax else { return .failure(Flaw("a path has at most \(Self.sizeMax) bytes")) }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        var segments: [Segment] = []
        for (index, part) in parts.enumerated() {
            // One empty segment at the end is a trailing slash, which makes another path.
            if part.isEmpty, index < parts.count - 1 {
                return .failure(Flaw("a path has no empty segments"))
            }
            switch Self.segment(part) {
            case .success(let segment): segments.append(segment)
            case .failure(let flaw): return .failure(flaw)
            }
        }
        return .success(RoutePattern(segments: segments))
    }

    struct Flaw: Error {
        let message: String

        init(_ message: String) {
            self.message = message
        }
    }

    private static func segment(_ part: Substring) -> Result<Segment, Flaw> {
        if part.hasPrefix("{"), part.hasSuffix("}") {
            let name = part.dropFirst().dropLast()
            guard CatalogueReader.isName(name.lowercased()) else {
                return .failure(Flaw("a parameter is written {name}, with 1 to 64 letters, digits and _"))
            }
            return .success(.parameter)
        }
        guard part != ".", part != ".." else { return .failure(Flaw("a path has no segments . and ..")) }
        guard part.utf8.allSatisfy(Self.isPathByte) else {
            return .failure(Flaw("'\(part)' has characters that a path segment has not; percent-encode them"))
        }
        guard Self.hasCanonicalEscapes(part) else {
            let rule = "percent-encode with %XX in upper case, and never what needs no encoding"
            return .failure(Flaw("'\(part)' is not the one way to write this segment; \(rule)"))
        }
        return .success(.literal(part))
    }

    /// Whether each escape is the only way to write its byte (RFC 3986 §6.2.2).
    ///
    /// Requests are matched decoded. If `%5Fmodules` were another path than `_modules` here, a module could take the requests of another, or
    /// those of a reserved prefix.
    private static func hasCanonicalEscapes(_ part: Substring) -> Bool {
        var rest = part.utf8[...]
        while let percent = rest.firstIndex(of: UInt8(ascii: "%")) {
            let digits = rest[rest.index(after: percent)...].prefix(2)
            guard digits.count == 2, digits.allSatisfy(Self.isUpperCaseHexadecimal),
                let byte = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                !Self.isPathByte(byte) || byte == UInt8(ascii: "%")
            else { return false }
            rest = rest[digits.endIndex...]
        }
        return true
    }

    private static func isUpperCaseHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte)
    }

    /// The bytes of RFC 3986's `pchar`, with the percent sign of encoded ones.
    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39: true
        default: Self.punctuation.contains(byte)
        }
    }

    private static let punctuation = Set("-._~!$&'()*+,;=:@%".utf8)

    /// Whether this path, or one that a parameter of it can stand for, is a prefix's own path or below it.
    func reaches(below prefix: String) -> Bool {
        let wanted = prefix.split(separator: "/")
        return self.segments.count >= wanted.count && self.agrees(with: wanted)
    }

    /// Whether all that is below this path takes in some of what is below a prefix.
    func subtreeReaches(below prefix: String) -> Bool {
        var pattern = self
        // The subtree of `/a/` begins behind the slash, where any name may follow.
        if pattern.segments.last == .literal("") { pattern.segments.removeLast() }
        return pattern.agrees(with: prefix.split(separator: "/"))
    }

    /// Whether the segments that both have can be the same.
    private func agrees(with names: [Substring]) -> Bool {
        zip(self.segments, names).allSatisfy { segment, name in
            segment == .parameter || segment == .literal(name)
        }
    }
}
