/// Hours of a day, such as `08:00-18:00`; one that ends before it begins goes over midnight.
struct HourRange: Hashable, Sendable {
    private static let minutesOfDay = 24 * 60

    /// Minutes since midnight; the end is not among them.
    let start: Int
    let end: Int

    /// Reads `HH:MM-HH:MM`; nil for anything else, and for a range without a minute.
    init?(_ text: String) {
        let times = text.split(separator: "-", omittingEmptySubsequences: false).map(Self.minute)
        guard times.count == 2, let start = times[0], let end = times[1], start != end, start < Self.minutesOfDay else {
            return nil
        }
        (self.start, self.end) = (start, end)
    }

    func contains(minute: Int) -> Bool {
        self.start < self.end ? (self.start..<self.end).contains(minute) : minute >= self.start || minute < self.end
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 && $0.utf8.allSatisfy(Self.isDigit) }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60
        else { return nil }
        let time = hour * 60 + minute
        return time <= Self.minutesOfDay ? time : nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
