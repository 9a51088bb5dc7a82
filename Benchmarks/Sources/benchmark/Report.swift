import Foundation

/// The measurements of one run, for people and for programs.
struct Report {
    /// What a ratio is to be at least.
    private struct Mark {
        let subject: Subject
        let base: Subject
        let load: Int
        let least: Double
    }

    private static let marks = [
        Mark(subject: .dispatcherBarePeers, base: .bareLibzmq, load: 64, least: 0.6),
        Mark(subject: .dispatcherSDK, base: .bareLibzmq, load: 64, least: 0.5),
        Mark(subject: .gateway, base: .hummingbird, load: 32, least: 0.35),
    ]

    let machine: String
    let measurements: Measurements

    /// What a subject is compared with.
    private static func base(of subject: Subject) -> Subject {
        switch subject {
        case .hummingbird, .gateway: .hummingbird
        default: .bareLibzmq
        }
    }

    var text: String {
        (["", self.machine, Self.heading] + self.rows + [""] + self.verdicts).joined(separator: "\n")
    }

    private static let heading =
        Report.columns(["", "in flight", "per second", "(spread)", "median", "p99", "ratio", "(spread)"])

    private var rows: [String] {
        self.measurements.samples.keys.sorted().compactMap { key in
            guard let rate = self.measurements.spread(of: key.subject, load: key.load, \.perSecond),
                let median = self.measurements.spread(of: key.subject, load: key.load, \.medianMicroseconds),
                let late = self.measurements.spread(of: key.subject, load: key.load, \.lateMicroseconds),
                let ratio = self.measurements.ratio(of: key.subject, to: Self.base(of: key.subject), load: key.load)
            else { return nil }
            return Self.columns([
                key.subject.rawValue, String(key.load), Self.text(rate.median, 0),
                "\(Self.text(rate.low, 0))–\(Self.text(rate.high, 0))",
                "\(Self.text(median.median, 0)) µs", "\(Self.text(late.median, 0)) µs",
                Self.text(ratio.median, 2), "\(Self.text(ratio.low, 2))–\(Self.text(ratio.high, 2))",
            ])
        }
    }

    private var verdicts: [String] {
        Self.marks.compactMap { mark in
            guard let ratio = self.measurements.ratio(of: mark.subject, to: mark.base, load: mark.load) else {
                return nil
            }
            let verdict = ratio.median >= mark.least ? "reached" : "MISSED"
            let name = "\(mark.subject.rawValue) / \(mark.base.rawValue) at \(mark.load) in flight"
            return "\(verdict): \(name): \(Self.text(ratio.median, 2)), the mark is \(Self.text(mark.least, 2))"
        }
    }

    private static func columns(_ cells: [String]) -> String {
        zip(cells, [24, 10, 11, 17, 11, 11, 6, 11]).enumerated().map { index, column in
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
