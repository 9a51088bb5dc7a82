import Foundation
import ModuleSDK

/// How fast updates may go, and when.
///
/// ```yaml
/// duration_ms: 100          # of a batch
/// sleep_ms: 100             # after it
/// slow: { hours: ["08:00-18:00"], time_zone: "Europe/Berlin", duration_ms: 20, sleep_ms: 2000 }
/// busy: { factor: 3, sleep_ms: 10000 }
/// default_batch_size: 100
/// min_batch_size: 1
/// ```
struct PacerConfiguration: Sendable {
    /// How long to work, and then to sleep.
    struct Speed: Hashable, Sendable {
        var duration: Duration
        var sleep: Duration
    }

    /// When a database counts as busy, and what that costs.
    struct Busy: Hashable, Sendable {
        /// How many times longer than asked a batch takes then.
        var factor = 3.0
        /// The sleep at the highest load, on top of the usual one.
        var sleep = Duration.seconds(10)
    }

    var normal = Speed(duration: .milliseconds(100), sleep: .milliseconds(100))
    var slow = Speed(duration: .milliseconds(20), sleep: .seconds(2))
    var slowHours: [HourRange] = []
    var timeZone = TimeZone.gmt
    var busy = Busy()
    var defaultBatchSize: Int?
    var minBatchSize: Int?

    var calendar: Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = self.timeZone
        return calendar
    }

    /// The pace at a minute of the day, with a database of so high a load: each step doubles what is slept for it.
    func pace(at minute: Int, load: Int) -> Speed {
        var speed = self.slowHours.contains { $0.contains(minute: minute) } ? self.slow : self.normal
        let steps = Double((1 << load) - 1) / Double((1 << DatabaseLoads.loadMax) - 1)
        speed.sleep += self.busy.sleep * steps
        return speed
    }
}
