/// Columns of text for people: as wide as their widest cell, two spaces between.
public struct TextTable: Sendable {
    private var rows: [[String]]

    /// Creates a table with its head.
    public init(_ head: [String]) {
        self.rows = [head]
    }

    /// Adds a row with a cell for each column.
    public mutating func add(_ row: [String]) {
        self.rows.append(row)
    }

    /// The table without a line feed at its end.
    public var text: String {
        let columns = self.rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            self.rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return self.rows.map { row in
            let cells = row.enumerated().map { column, cell in
                column + 1 == row.count ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
