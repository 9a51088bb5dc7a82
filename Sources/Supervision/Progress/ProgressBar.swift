/// Where text about something that takes a while goes.
public enum ProgressOutput: Sendable {
    /// A bar that is drawn over itself.
    case terminal
    /// One line at each quarter, as a log wants it.
    case plain
}

/// A bar of a line of text.
enum ProgressBar {
    private static let cellCount = 30
    /// Takes a terminal back to the beginning of an empty line.
    static let eraseLine = "\r\u{1B}[2K"

    /// The bar and the percentage of what is done, from 0 to 1.
    static func text(_ fraction: Double) -> String {
        let filled = Int(fraction * Double(Self.cellCount))
        let cells = String(repeating: "#", count: filled) + String(repeating: ".", count: Self.cellCount - filled)
        return "[\(cells)] \(Int(fraction * 100)) %"
    }
}
