/// The path of a request, cut into decoded segments, and its query.
///
/// Routes match on decoded segments, so `/users/%34%32` and `/users/42` are one resource, while an encoded slash never cuts a
/// segment in two. What is passed on to a module is the text as the client sent it.
struct RequestPath: Sendable {
    /// The longest path that is looked at, in bytes.
    static let sizeMax = 8 << 10

    /// Percent-encoded, as received, without the query.
    let text: String
    /// What follows the first `?`, as received; `nil` if there is none.
    let query: String?
    /// The decoded segments: one empty one for `/`, an empty last one for a trailing slash.
    let segments: [String]
    /// Whether the text is its own decoded form.
    let isPlain: Bool

    /// Reads the target of a request.
    init(_ target: String) throws(RequestPathError) {
        var target = target
        let split = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        if let split {
            self.text = String(target[..<split])
            self.query = String(target[target.utf8.index(after: split)...])
        } else {
            // Segments are found byte by byte; that is only fast where the bytes lie in one piece.
            target.makeContiguousUTF8()
            self.text = target
            self.query = nil
        }
        guard self.text.utf8.count <= Self.sizeMax else { throw .tooLong }
        guard self.text.utf8.first == UInt8(ascii: "/") else { throw .notAbsolute }
        let isPlain = !self.text.utf8.contains(UInt8(ascii: "%"))
        self.isPlain = isPlain
        self.segments = try Self.segments(of: self.text, isPlain: isPlain)
    }

    /// Cuts the path of a route, or of a reserved prefix, in the same way as that of a request.
    ///
    /// What cannot be decoded stands for itself: a route is data from a peer, and must not be able to spoil the table.
    static func segments(ofRoute path: String) -> [String] {
        path.dropFirst(path.hasPrefix("/") ? 1 : 0)
            .split(separator: "/", omittingEmptySubsequences: false)
            .map { segment in (try? Self.decode(segment)) ?? String(segment) }
    }

    private static func segments(of text: String, isPlain: Bool) throws(RequestPathError) -> [String] {
        var segments: [String] = []
        segments.reserveCapacity(8)
        let bytes = text.utf8
        var start = bytes.index(after: bytes.startIndex)
        while true {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.endIndex
            let piece = text[start..<end]
            let segment = isPlain ? String(piece) : try Self.decode(piece)
            guard segment != ".", segment != ".." else { throw .dotSegment }
            guard !segment.utf8.contains(0) else { throw .nul }
            segments.append(segment)
            guard end < bytes.endIndex else { return segments }
            start = bytes.index(after: end)
        }
    }

    /// Decodes one segment.
    ///
    /// Bytes that are not UTF-8 become U+FFFD: they can match a parameter, and hardly a literal.
    private static func decode(_ piece: Substring) throws(RequestPathError) -> String {
        guard piece.utf8.contains(UInt8(ascii: "%")) else { return String(piece) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(piece.utf8.count)
        var bytes = piece.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                decoded.append(byte)
                continue
            }
            guard let high = bytes.next()?.hexDigitValue, let low = bytes.next()?.hexDigitValue else {
                throw .badEncoding
            }
            decoded.append(high << 4 | low)
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}

extension UInt8 {
    fileprivate var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
