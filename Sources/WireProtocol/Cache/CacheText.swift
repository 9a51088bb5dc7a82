/// How keys and tags of the cache are spelt, the same in every process.
///
/// Printable ASCII, so that equal texts are equal bytes: Swift takes two spellings of `é` for equal, and a database may not. Escaped,
/// they stay apart.
public enum CacheText {
    /// The tag of every value that the cache holds.
    public static let everything = "*"

    /// The tag of every result of a function.
    public static func functionTag(_ function: String) -> String { "@\(function)" }

    /// The tag of one result, whose key is escaped already.
    public static func keyTag(_ function: String, _ key: String) -> String { "=\(function)/\(key)" }

    /// A tag that a module made up.
    public static func userTag(_ tag: String) -> String { "#\(Self.escaped(tag))" }

    /// The text with `%` and all bytes that are not printable ASCII, or are spaces, as `%` and two hexadecimal digits.
    public static func escaped(_ text: String) -> String {
        guard text.utf8.contains(where: Self.needsEscape) else { return text }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 2)
        for byte in text.utf8 {
            guard Self.needsEscape(byte) else {
                bytes.append(byte)
                continue
            }
            let digits = String(byte, radix: 16)
            bytes.append(UInt8(ascii: "%"))
            bytes.append(contentsOf: (digits.count < 2 ? "0" + digits : digits).utf8)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        !(0x21...0x7E).contains(byte) || byte == UInt8(ascii: "%")
    }
}
