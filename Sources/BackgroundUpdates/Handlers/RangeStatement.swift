/// A statement with the place where a range of keys goes: `UPDATE events SET seen = 1 WHERE {range}`.
///
/// `{range}` becomes the condition that a row lies in the range, on the columns of the key; `{range:e}` the same for a table that the statement
/// calls `e`.
struct RangeStatement: Hashable, Sendable {
    let text: String

    /// - Throws: ``BackgroundUpdatesError/Code/invalidDeclaration`` for a statement that is not one change over a range.
    init(_ text: String) throws(BackgroundUpdatesError) {
        self.text = text
        guard text.contains("{range}") || text.contains("{range:") else {
            throw BackgroundUpdatesError(
                .invalidDeclaration,
                "the statement has no {range}: write it where the condition on the key belongs, as in `… WHERE {range}`"
            )
        }
        // Whoever ends the transaction here would separate the rows from the cursor.
        let verb = text.drop(while: \.isWhitespace).prefix { !$0.isWhitespace && $0 != "(" }.uppercased()
        guard ["UPDATE", "INSERT", "DELETE", "REPLACE", "WITH"].contains(verb) else {
            throw BackgroundUpdatesError(
                .invalidDeclaration,
                "the statement begins with `\(verb)`: it has to be UPDATE, INSERT, DELETE, REPLACE or WITH"
            )
        }
    }

    func sql(over keyset: Keyset, hasLow: Bool) -> String {
        var sql = ""
        var rest = self.text[...]
        while let start = rest.firstRange(of: "{range") {
            sql += rest[..<start.lowerBound]
            let after = rest[start.upperBound...]
            guard let end = after.firstIndex(of: "}") else { break }
            let alias = after[..<end].dropFirst()
            sql += keyset.range(
                hasLow: hasLow,
                hasHigh: true,
                alias: alias.isEmpty ? nil : SQLName.quoted(String(alias))
            )
            rest = after[after.index(after: end)...]
        }
        return sql + rest
    }
}
