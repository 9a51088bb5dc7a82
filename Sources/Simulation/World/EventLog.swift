import MessageBus

/// The tail of what happened, in words.
///
/// An object, so that what is being written about can be read while it is written; each simulation has its own.
final class EventLog {
    private static let countMax = 400

    /// Off for the search: words cost more than what they are about.
    let isOn: Bool
    private(set) var lines: [String] = []

    init(isOn: Bool) {
        self.isOn = isOn
    }

    func note(_ time: MonotonicTime, _ words: @autoclosure () -> String) {
        guard self.isOn else { return }
        if self.lines.count >= 2 * Self.countMax { self.lines.removeFirst(Self.countMax) }
        let microseconds = (time.nanoseconds - 1_000_000_000_000) / 1000
        let fraction = String(microseconds % 1000 + 1000).dropFirst()
        self.lines.append("\(microseconds / 1000).\(fraction) ms  \(words())")
    }
}
