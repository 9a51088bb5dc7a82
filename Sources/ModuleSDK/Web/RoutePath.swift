/// The path a web resource was registered for, taken apart.
package struct RoutePath: Sendable {
    private enum Segment: Sendable {
        case literal(Substring)
        case parameter(String)
    }

    private let segments: [Segment]
    private let hasParameters: Bool

    package init(_ path: String) {
        self.segments = path.split(separator: "/", omittingEmptySubsequences: false).map { segment in
            guard segment.first == "{", segment.last == "}" else { return .literal(segment) }
            return .parameter(String(segment.dropFirst().dropLast()))
        }
        self.hasParameters = self.segments.contains { if case .parameter = $0 { true } else { false } }
    }

    /// Whether a path is this one, or below it.
    package func matches(_ path: String, below: Bool) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        if below, case .literal("") = self.segments.last {
            return parts.count >= self.segments.count && self.begins(parts, count: self.segments.count - 1)
        }
        guard below ? parts.count >= self.segments.count : parts.count == self.segments.count else { return false }
        return self.begins(parts, count: self.segments.count)
    }

    private func begins(_ parts: [Substring], count: Int) -> Bool {
        zip(self.segments.prefix(count), parts).allSatisfy { segment, part in
            switch segment {
            case .literal(let text): text == part
            case .parameter: !part.isEmpty
            }
        }
    }

    /// Whether a path that the gateway has matched is this one and not one below it.
    func isWhole(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == self.segments.count else { return false }
        // All that is below `/files/` has as many segments as `/files/` itself has with the empty one at its end.
        guard case .literal("") = self.segments.last else { return true }
        return parts.last?.isEmpty == true
    }

    /// What the segments in braces stand for in a path that the gateway has matched already.
    func parameters(of path: String) -> [String: String] {
        guard self.hasParameters else { return [:] }
        var parameters: [String: String] = [:]
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        for (segment, part) in zip(self.segments, parts) {
            if case .parameter(let name) = segment { parameters[name] = Self.decode(part) }
        }
        return parameters
    }

    /// Percent-decodes a segment; what is not UTF-8 then is repaired.
    private static func decode(_ part: Substring) -> String {
        guard part.utf8.contains(UInt8(ascii: "%")) else { return String(part) }
        var bytes: [UInt8] = []
        var rest = part.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
