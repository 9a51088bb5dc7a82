import Foundation

/// The measurements of one run, for people and for programs.
struct Report {
    /// What a ratio is to be at least.
    private struct Mark {
        let subject: Subject
        let load: Int
        let least: Double
        /// What it is compared with, if that is not its subject's base.
        var rival: Subject?

        var base: Subject { self.rival ?? self.subject.base }
    }

    private static let marks = [
        Mark(subject: .dispatcherBarePeers, load: 1, least: 0.8),
        Mark(subject: .dispatcherBarePeers, load: 64, least: 0.8),
        Mark(subject: .dispatcherBarePeers, load: 512, least: 0.8),
        Mark(subject: .dispatcherPacks, load: 64, least: 0.8),
        Mark(subject: .dispatcherPacks, load: 512, least: 0.8),
        Mark(subject: .dispatcherSDK, load: 64, least: 0.7),
        Mark(subject: .dispatcherSDK, load: 512, least: 0.7),
        Mark(subject: .dispatcherSDK, load: 64, least: 0.6, rival: .nats),
        Mark(subject: .dispatcherSDK, load: 512, least: 0.6, rival: .nats),
        Mark(subject: .gateway, load: 32, least: 0.35),
        Mark(subject: .sqlUpdate, load: 1, least: 0.5),
        Mark(subject: .rowsUpdate, load: 1, least: 0.3),
        Mark(subject: .sharedWire, load: 64, least: 0.4),
    ]

    let machine: String
    let measurements: Measurements

    var text: String {
        let tables = Part.allCases.map { self.rows(of: $0) }.filter { $0.count > 1 }
        return (["", self.machine] + tables.joined(separator: [""]) + [""] + self.verdicts).joined(separator: "\n")
    }

    private func rows(of part: Part) -> [String] {
        let heading = ["", part.load, "per second", "(spread)", "median", "p99", "ratio", "(spread)"]
        return [Self.columns(heading)]
            + self.measurements.samples.keys.sorted().filter { $0.subject.part == part }.compactMap(self.row)
    }

    private func row(of key: Measurements.Key) -> String? {
        guard let rate = self.measurements.spread(of: key.subject, load: key.load, \.perSecond),
            let median = self.measurements.spread(of: key.subject, load: key.load, \.medianMicroseconds),
            let late = self.measurements.spread(of: key.subject, load: key.load, \.lateMicroseconds)
        else { return nil }
        let ratio = self.measurements.ratio(of: key.subject, to: key.subject.base, load: key.load)
        return Self.columns([
            key.subject.rawValue, String(key.load), Self.text(rate.median, 0),
            "\(Self.text(rate.low, 0))–\(Self.text(rate.high, 0))",
            Self.time(median.median), Self.time(late.median),
            ratio.map { Self.text($0.median, 2) } ?? "–",
            ratio.map { "\(Self.text($0.low, 2))–\(Self.text($0.high, 2))" } ?? "",
        ])
    }

    /// A time in the unit that fits it.
    private static func time(_ microseconds: Double) -> String {
        switch microseconds {
        case ..<10: "\(self.text(microseconds * 1000, 0)) ns"
        case ..<10_000: "\(self.text(microseconds, 0)) µs"
        default: "\(self.text(microseconds / 1000, 0)) ms"
        }
    }

    private var verdicts: [String] {
        Self.marks.compactMap { mark in
            guard let ratio = self.measurements.ratio(of: mark.subject, to: mark.base, load: mark.load) else {
                return nil
            }
            let verdict = ratio.median >= mark.least ? "reached" : "MISSED"
            let name =
                "\(mark.subject.rawValue) / \(mark.base.rawValue) at \(mark.load) \(mark.subject.part.load)"
            return "\(verdict): \(name): \(Self.text(ratio.median, 2)), the mark is \(Self.text(mark.least, 2))"
        }
    }

    private static func columns(_ cells: [String]) -> String {
        zip(cells, [24, 11, 11, 21, 11, 11, 6, 11]).enumerated().map { index, column in
            let padding = String(repeating: " ", count: max(0, column.1 - column.0.count))
            return index == 0 ? column.0 + padding : padding + column.0
        }.joined(separator: " ")
    }

    private static func text(_ number: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", number)
    }

    /// Every single measurement, so that others can look at the spread.
    func json() throws -> Data {
        struct Entry: Encodable {
            let subject: String
            let load: Int
            let samples: [Measurements.Sample]
        }
        struct File: Encodable {
            let machine: String
            let date: String
            let measurements: [Entry]
        }
        let entries = self.measurements.samples.sorted { $0.key < $1.key }.map {
            Entry(subject: $0.key.subject.rawValue, load: $0.key.load, samples: $0.value)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let date = ISO8601DateFormatter().string(from: Date())
        return try encoder.encode(File(machine: self.machine, date: date, measurements: entries))
    }
}
