/// A name of a table, column or index, as SQL wants it.
enum SQLName {
    static func quoted(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }

    static func list(_ names: [String]) -> String {
        names.map(Self.quoted).joined(separator: ", ")
    }
}
