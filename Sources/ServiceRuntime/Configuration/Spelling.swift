/// Finds the word someone probably meant.
enum Spelling {
    /// The nearest of the known words, or nil when none is near enough to be worth proposing.
    static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let allowed = max(1, word.count / 3)
        let ranked = known.map { (word: $0, distance: Self.distance(word.lowercased(), $0.lowercased())) }
        let best = ranked.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
        guard let best, best.distance <= allowed else { return nil }
        return best.word
    }

    /// Optimal string alignment distance: insertions, deletions, substitutions and swapped neighbours.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left)
        let right = Array(right)
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for i in left.indices {
            var row = [i + 1]
            for j in right.indices {
                let substitution = last[j] + (left[i] == right[j] ? 0 : 1)
                var cost = min(last[j + 1] + 1, row[j] + 1, substitution)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    cost = min(cost, beforeLast[j - 1] + 1)
                }
                row.append(cost)
            }
            beforeLast = last
            last = row
        }
        return last[right.count]
    }
}
