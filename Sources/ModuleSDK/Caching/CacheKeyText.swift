internal import Foundation
internal import WireProtocol

/// Keys and tags as the cache service knows them: printable ASCII, so that equal texts are equal bytes.
///
/// Swift takes two spellings of `é` for equal; a database may not. Escaped, they stay apart.
enum CacheKeyText {
    /// The text of a key; the same for equal keys, and different for different ones of a type.
    ///
    /// - Throws: `EncodingError` from a key that cannot be written as JSON.
    static func text(of key: some Encodable) throws -> String {
        if let text = key as? String { return Self.escaped(text) }
        if let key = key as? any LosslessStringConvertible { return Self.escaped(key.description) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Self.escaped(String(decoding: try encoder.encode(key), as: UTF8.self))
    }

    static func escaped(_ text: String) -> String {
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
