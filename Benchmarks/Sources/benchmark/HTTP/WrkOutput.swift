/// What wrk prints.
struct WrkOutput {
    let sample: Measurements.Sample

    init(_ text: String, of url: String) throws {
        let lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        if let problem = lines.first(where: { $0.first == "Non-2xx" || $0.first == "Socket" }) {
            throw Program.Failure(description: "\(url): \(problem.joined(separator: " "))")
        }
        func value(_ name: String) -> String? {
            lines.first { $0.first == name && $0.count == 2 }?.last
        }
        guard let rate = value("Requests/sec:").flatMap(Double.init),
            let median = value("50%").flatMap(Self.microseconds),
            let late = value("99%").flatMap(Self.microseconds)
        else { throw Program.Failure(description: "wrk printed what cannot be read:\n\(text)") }
        self.sample = .init(perSecond: rate, medianMicroseconds: median, lateMicroseconds: late)
    }

    private static func microseconds(_ text: String) -> Double? {
        for (unit, factor) in [("us", 1.0), ("ms", 1000.0), ("s", 1_000_000.0)] where text.hasSuffix(unit) {
            return Double(text.dropLast(unit.count)).map { $0 * factor }
        }
        return nil
    }
}
