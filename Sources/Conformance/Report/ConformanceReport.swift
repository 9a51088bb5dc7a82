public import WireProtocol

/// How all checks of one module ended.
public struct ConformanceReport: Hashable, Sendable {
    public private(set) var results: [CheckResult] = []

    public init() {}

    mutating func add(_ result: CheckResult) {
        self.results.append(result)
    }

    /// Whether no rule that a module MUST keep is broken.
    public var isConforming: Bool { !self.results.contains { $0.word == "fail" } }

    public func count(_ word: String) -> Int { self.results.count { $0.word == word } }

    /// The last line for a person.
    public var summary: String {
        let parts = [("pass", "passed"), ("fail", "failed"), ("warn", "warned"), ("skip", "skipped")]
            .map { (self.count($0.0), $0.1) }.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(self.results.count) checks: \(parts.joined(separator: ", "))"
    }

    /// For a program.
    public var json: JSONValue {
        [
            "conforming": .bool(self.isConforming),
            "checks": .array(self.results.map(\.json)),
        ]
    }
}
