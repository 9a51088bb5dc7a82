/// The written path of a value, `modules[2].config.url`: how operators and modules name a place in the file.
///
/// A key that would not read back unquoted is written as `["a.b"]`.
enum KeyPath {
    static func key(_ key: String, in parent: String) -> String {
        guard Self.isPlain(key) else {
            let escaped = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "\(parent)[\"\(escaped)\"]"
        }
        return parent.isEmpty ? key : "\(parent).\(key)"
    }

    static func index(_ index: Int, in parent: String) -> String {
        "\(parent)[\(index)]"
    }

    /// Drops the last step: `a.b[2]` → `a.b` → `a` → nil.
    static func parent(of path: some StringProtocol) -> Substring? {
        let text = Substring(path)
        let cut =
            text.hasSuffix("\"]")
            ? text.ranges(of: "[\"").last?.lowerBound
            : text.lastIndex { $0 == "." || $0 == "[" }
        guard let cut, cut > text.startIndex else { return nil }
        return text[..<cut]
    }

    private static func isPlain(_ key: String) -> Bool {
        !key.isEmpty && key.utf8.allSatisfy { byte in Self.plainBytes.contains(byte) }
    }

    private static let plainBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-".utf8)
}
