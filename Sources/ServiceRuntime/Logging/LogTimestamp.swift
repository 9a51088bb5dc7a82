import Foundation

/// A wall clock reading as log lines write it: UTC with milliseconds.
struct LogTimestamp: CustomStringConvertible {
    let seconds: Int
    let milliseconds: Int

    static func now() -> Self {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Self(seconds: time.tv_sec, milliseconds: time.tv_nsec / 1_000_000)
    }

    // As `2026-11-22T01:26:21.123Z`. Formatters are far slower than a log line should be, and UTC needs none.
    var description: String {
        let (days, rest) = self.seconds.quotientAndRemainder(dividingBy: 86_400)
        let (year, month, day) = Self.date(days: days)
        let clock = [rest / 3600, rest / 60 % 60, rest % 60].map { Self.padded($0, 2) }.joined(separator: ":")
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
        return "\(date)T\(clock).\(Self.padded(self.milliseconds, 3))Z"
    }

    // Howard Hinnant's `civil_from_days` for days since 1970-01-01, which are never negative here:
    // https://howardhinnant.github.io/date_algorithms.html#civil_from_days
    private static func date(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
