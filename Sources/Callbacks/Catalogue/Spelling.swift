/// Finds the names that somebody probably meant.
enum Spelling {
    /// The nearest of the known names, nearest first; those too far off to be a slip are left out.
    static func nearest(to name: String, among known: [String], countMax: Int = 1) -> [String] {
        let wanted = Array(name.utf8.prefix(200))
        let farthest = max(2, wanted.count / 3)
        return
            known
            .map { (name: $0, distance: Self.distance(wanted, Array($0.utf8))) }
            .filter { $0.distance <= farthest }
            .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
            .prefix(countMax)
            .map(\.name)
    }

    /// Levenshtein's distance: insertions, deletions and substitutions.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var last = Array(0...right.count)
        for (row, byte) in left.enumerated() {
            var next = [row + 1]
            next.reserveCapacity(right.count + 1)
            for (column, other) in right.enumerated() {
                let substitution = last[column] + (byte == other ? 0 : 1)
                next.append(min(last[column + 1] + 1, next[column] + 1, substitution))
            }
            last = next
        }
        return last[right.count]
    }
}
