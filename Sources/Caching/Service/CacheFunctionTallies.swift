internal import WireProtocol

/// What the service keeps and has done for each cached function, for operators.
///
/// A function is what stands in a key before its first `@`, or the whole key. An entry remembers the place of its function, so that a hit looks
/// nothing up.
struct CacheFunctionTallies: Sendable {
    struct Tally: Sendable {
        var name: String
        var entries = 0
        var bytes = 0
        var hits = 0
        var leases = 0
        var fills = 0
        var evictions = 0
    }

    /// More functions than this are counted together, so that a peer that makes keys up does not make the service grow.
    private static let functionsMax = 1024
    private static let others = "(others)"

    private(set) var tallies: [Tally] = []
    private var places: [Substring: Int] = [:]

    /// Where the function of a key is counted.
    mutating func place(of key: String) -> Int {
        let name = key.prefix { $0 != "@" }
        if let place = self.places[name] { return place }
        if self.tallies.count == Self.functionsMax {
            self.tallies.append(Tally(name: Self.others))
        }
        guard self.tallies.count < Self.functionsMax else { return Self.functionsMax }
        // A copy, so that the key of the first call does not stay in memory for its name.
        let copy = String(name)
        self.tallies.append(Tally(name: copy))
        self.places[copy[...]] = self.tallies.count - 1
        return self.tallies.count - 1
    }

    mutating func count(_ place: Int, _ change: (inout Tally) -> Void) {
        change(&self.tallies[place])
    }

    mutating func added(_ entry: SharedEntry) {
        self.tallies[entry.function].entries += 1
        self.tallies[entry.function].bytes += entry.size
    }

    mutating func removed(_ entry: SharedEntry) {
        self.tallies[entry.function].entries -= 1
        self.tallies[entry.function].bytes -= entry.size
    }

    /// The reply to `cache/list`.
    var report: JSONValue {
        let functions = self.tallies.sorted { $0.name < $1.name }.map { tally -> JSONValue in
            func count(_ number: Int) -> JSONValue { .integer(Int64(number)) }
            return [
                "name": .string(tally.name), "entries": count(tally.entries), "bytes": count(tally.bytes),
                "hits": count(tally.hits), "leases": count(tally.leases), "fills": count(tally.fills),
                "evictions": count(tally.evictions),
            ]
        }
        return ["functions": .array(functions)]
    }
}
