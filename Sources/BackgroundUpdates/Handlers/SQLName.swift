/// A name of a table, column or index, as SQL wants it.
enum SQLName {
    static func quoted(_ name: String) -> String {
        // Almost every name; `replacing` is slow, and each change of each row comes by here.
        guard name.utf8.contains(UInt8(ascii: "\"")) else { return "\"\(name)\"" }
        return "\"\(name.replacing("\"", with: "\"\""))\""
    }

    static func list(_ names: [String]) -> String {
        names.map(Self.quoted).joined(separator: ", ")
    }
}
