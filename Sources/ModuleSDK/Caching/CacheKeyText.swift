internal import Foundation
internal import WireProtocol

/// Keys as the cache service knows them.
enum CacheKeyText {
    /// The text of a key; the same for equal keys, and different for different ones of a type.
    ///
    /// - Throws: `EncodingError` from a key that cannot be written as JSON.
    static func text(of key: some Encodable) throws -> String {
        if let text = key as? String { return CacheText.escaped(text) }
        if let key = key as? any LosslessStringConvertible { return CacheText.escaped(key.description) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return CacheText.escaped(String(decoding: try encoder.encode(key), as: UTF8.self))
    }
}
