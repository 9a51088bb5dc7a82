import Foundation
import ModuleSDK

extension PacerConfiguration: Decodable {
    private enum Key: String, CodingKey {
        case duration = "duration_ms"
        case sleep = "sleep_ms"
        case slow, busy
        case defaultBatchSize = "default_batch_size"
        case minBatchSize = "min_batch_size"
    }

    private enum SlowKey: String, CodingKey {
        case hours
        case timeZone = "time_zone"
        case duration = "duration_ms"
        case sleep = "sleep_ms"
    }

    private enum BusyKey: String, CodingKey {
        case factor
        case sleep = "sleep_ms"
    }

    private static let durations = 1...3_600_000
    private static let sleeps = 0...86_400_000
    private static let sizes = 1...50_000

    init(from decoder: any Decoder) throws {
        self.init()
        let container = try decoder.container(keyedBy: Key.self)
        self.normal.duration =
            try container.milliseconds(.duration, in: Self.durations, at: "") ?? self.normal.duration
        self.normal.sleep = try container.milliseconds(.sleep, in: Self.sleeps, at: "") ?? self.normal.sleep
        self.defaultBatchSize = try container.whole(.defaultBatchSize, in: Self.sizes, at: "")
        self.minBatchSize = try container.whole(.minBatchSize, in: Self.sizes, at: "")
        if container.contains(.slow) {
            try self.readSlow(container.nestedContainer(keyedBy: SlowKey.self, forKey: .slow))
        }
        if container.contains(.busy) {
            try self.readBusy(container.nestedContainer(keyedBy: BusyKey.self, forKey: .busy))
        }
    }

    private mutating func readSlow(_ container: KeyedDecodingContainer<SlowKey>) throws {
        let hours = try container.decode([String].self, forKey: .hours)
        let ranges = hours.map(HourRange.init)
        let problems = ranges.indices.filter { ranges[$0] == nil }
            .map { index in
                ConfigurationError.Problem(
                    path: "slow.hours[\(index)]",
                    message: "expected hours such as 08:00-18:00, found '\(hours[index])'"
                )
            }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        self.slowHours = ranges.compactMap(\.self)
        if let name = try container.decodeIfPresent(String.self, forKey: .timeZone) {
            guard let zone = TimeZone(identifier: name) else {
                throw ConfigurationError(
                    "expected a time zone such as Europe/Berlin, found '\(name)'",
                    at: "slow.time_zone"
                )
            }
            self.timeZone = zone
        }
        self.slow.duration =
            try container.milliseconds(.duration, in: Self.durations, at: "slow.") ?? self.slow.duration
        self.slow.sleep = try container.milliseconds(.sleep, in: Self.sleeps, at: "slow.") ?? self.slow.sleep
    }

    private mutating func readBusy(_ container: KeyedDecodingContainer<BusyKey>) throws {
        if let factor = try container.decodeIfPresent(Double.self, forKey: .factor) {
            guard (1.1...1000).contains(factor) else {
                throw ConfigurationError("expected a number from 1.1 to 1000, found \(factor)", at: "busy.factor")
            }
            self.busy.factor = factor
        }
        self.busy.sleep = try container.milliseconds(.sleep, in: Self.sleeps, at: "busy.") ?? self.busy.sleep
    }
}

extension KeyedDecodingContainer {
    fileprivate func whole(_ key: Key, in range: ClosedRange<Int>, at path: String) throws -> Int? {
        guard let number = try self.decodeIfPresent(Int.self, forKey: key) else { return nil }
        guard range.contains(number) else {
            let message = "expected a whole number from \(range.lowerBound) to \(range.upperBound), found \(number)"
            throw ConfigurationError(message, at: path + key.stringValue)
        }
        return number
    }

    fileprivate func milliseconds(_ key: Key, in range: ClosedRange<Int>, at path: String) throws -> Duration? {
        try self.whole(key, in: range, at: path).map { .milliseconds($0) }
    }
}
