import Foundation

/// What a program that measures has printed.
struct LoadSummary: Decodable {
    let calls: Int
    private let seconds: Double
    private let median: Double
    private let late: Double
    /// The rows of each batch, if what was measured has batches.
    let batches: [Int]?

    private enum CodingKeys: String, CodingKey {
        case calls, seconds, batches
        case median = "p50_us"
        case late = "p99_us"
    }

    /// - Throws: When the text is no summary.
    init(_ output: String) throws {
        do {
            self = try JSONDecoder().decode(Self.self, from: Data(output.utf8))
        } catch {
            throw Program.Failure(description: "expected what was measured, as JSON; found: \(output)")
        }
    }

    var sample: Measurements.Sample {
        .init(
            perSecond: Double(self.calls) / self.seconds,
            medianMicroseconds: self.median,
            lateMicroseconds: self.late
        )
    }
}
