public import WireProtocol

extension ReplayTally {
    /// The tally as a table for people: a line a callback, a column an outcome, complaints below.
    ///
    /// - Parameter elapsed: how long the replay took.
    /// - Returns: lines without a line feed at the end.
    public func table(elapsed: Duration) -> String {
        let kinds = Set(self.counts.values.flatMap(\.keys)).sorted()
        var table = TextTable(["CALLBACK", "CALLS"] + kinds.map(\.name))
        for (name, counts) in self.counts.sorted(by: { $0.key < $1.key }) {
            table.add(Self.row(name, counts, kinds))
        }
        let total = self.counts.values.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        table.add(Self.row("total", total, kinds))
        return ([table.text, self.summary(elapsed: elapsed)] + self.complaintLines).joined(separator: "\n")
    }

    /// The tally as JSON for programs.
    ///
    /// - Parameter elapsed: how long the replay took.
    /// - Returns: an object with `calls`, `errors`, `bad_lines`, `elapsed_ms`, `callbacks` and `complaints`.
    public func json(elapsed: Duration) -> JSONValue {
        var callbacks = JSONObject()
        for (name, counts) in self.counts.sorted(by: { $0.key < $1.key }) {
            var outcomes = JSONObject()
            for (kind, count) in counts.sorted(by: { $0.key < $1.key }) {
                outcomes[kind.name] = .integer(Int64(count))
            }
            callbacks[name] = .object(outcomes)
        }
        return [
            "calls": .integer(Int64(self.calls)),
            "errors": .integer(Int64(self.errors)),
            "bad_lines": .integer(Int64(self.badLines)),
            "elapsed_ms": .integer(Int64(elapsed.seconds * 1000)),
            "callbacks": .object(callbacks),
            "complaints": .array(
                self.complaints.map { ["line": .integer(Int64($0.line)), "message": .string($0.message)] }
            ),
        ]
    }

    private func summary(elapsed: Duration) -> String {
        let rate = elapsed > .zero ? ", \(Int(Double(self.calls) / elapsed.seconds)) a second" : ""
        var text = "\(self.calls) calls in \(elapsed.tenths) s\(rate), \(self.errors) errors"
        if self.badLines > 0 { text += ", \(self.badLines) lines that are no calls" }
        return text
    }

    private var complaintLines: [String] {
        let more = self.errors + self.badLines - self.complaints.count
        return self.complaints.map { "  \($0)" } + (more > 0 ? ["  and \(more) more"] : [])
    }

    private static func row(
        _ name: String,
        _ counts: [ReplayOutcome.Kind: Int],
        _ kinds: [ReplayOutcome.Kind]
    )
        -> [String]
    {
        [name, "\(counts.values.reduce(0, +))"] + kinds.map { kind in counts[kind].map(String.init) ?? "-" }
    }
}

extension Duration {
    fileprivate var seconds: Double {
        Double(self.components.seconds) + Double(self.components.attoseconds) * 1e-18
    }

    /// Seconds with one digit behind the point.
    fileprivate var tenths: String {
        let tenths = Int((self.seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
