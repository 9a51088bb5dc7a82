/// What a person who waits for background updates sees: a bar on a terminal, a line now and then elsewhere.
///
/// A value without I/O: lists and the time since the watch began go in, text comes out.
public struct UpdateWatch: Sendable {
    /// How a watch ends.
    public enum Outcome: Sendable, Hashable {
        /// Nothing that was watched is pending any more.
        case done
        /// What is left waits for somebody to do something.
        case stuck([UpdateReport])
        /// These are neither declared nor pending, and were not while the watch lasted.
        case unknown([String])
    }

    private static let reasonMax = 60

    private struct Glimpse {
        var items: Int
        var at: Duration
    }

    private let output: ProgressOutput
    private let names: Set<String>
    /// The first look at each update: rates are of what was seen here, not of what was done before.
    private var first: [String: Glimpse] = [:]
    private var last: [String: UpdateReport] = [:]
    private var quarters: [String: Int] = [:]

    /// - Parameters:
    ///   - names: the updates to watch; empty for all that a worker knows what to do with.
    ///   - output: where the text goes.
    public init(_ names: Set<String>, output: ProgressOutput) {
        self.names = names
        self.output = output
    }

    /// Takes a look.
    ///
    /// - Parameters:
    ///   - list: every update that is pending or declared.
    ///   - elapsed: the time since the watch began.
    /// - Returns: what to write now, and how the watch has ended, if it has.
    public mutating func take(_ list: UpdateList, elapsed: Duration) -> (text: String, outcome: Outcome?) {
        let unknown = self.names.filter { name in
            self.first[name] == nil && !list.updates.contains { $0.name == name }
        }
        guard unknown.isEmpty else { return ("", .unknown(unknown.sorted())) }
        let pending = list.updates.filter { $0.standing != UpdateReport.notPending && self.isWatched($0) }
        var text = self.farewells(pending, elapsed: elapsed)
        for update in pending {
            if self.first[update.name] == nil { self.first[update.name] = .init(items: update.items ?? 0, at: elapsed) }
            self.last[update.name] = update
        }
        if pending.isEmpty { return (text, .done) }
        if pending.allSatisfy(\.isStuck) { return (text + self.clean, .stuck(pending)) }
        let shown = pending.first { ($0.items ?? 0) > 0 && !$0.isStuck } ?? pending.first { !$0.isStuck }
        if let shown { text += self.progress(of: shown, elapsed: elapsed) }
        return (text, nil)
    }

    /// Without names everything but what nobody here has declared: that would keep a watch from ever ending.
    private func isWatched(_ update: UpdateReport) -> Bool {
        self.names.isEmpty ? update.standing != "no_handler" : self.names.contains(update.name)
    }

    /// The last word about the updates that are not pending any more.
    private mutating func farewells(_ pending: [UpdateReport], elapsed: Duration) -> String {
        var text = ""
        for name in self.last.keys.sorted() where !pending.contains(where: { $0.name == name }) {
            guard var update = self.last.removeValue(forKey: name) else { continue }
            let total = max(update.totalItems ?? 0, update.items ?? 0)
            (update.items, update.totalItems) = (total, total)
            switch self.output {
            case .terminal: text += "\(ProgressBar.eraseLine)\(self.bar(of: update, fraction: 1, elapsed: elapsed))\n"
            case .plain: text += "\(name): done, \(total) rows\n"
            }
        }
        return text
    }

    private var clean: String { self.output == .terminal ? ProgressBar.eraseLine : "" }

    private mutating func progress(of update: UpdateReport, elapsed: Duration) -> String {
        switch self.output {
        case .terminal:
            return ProgressBar.eraseLine + self.bar(of: update, fraction: update.fraction ?? 0, elapsed: elapsed)
        case .plain:
            let quarter = Int((update.fraction ?? 0) * 4)
            guard quarter > self.quarters[update.name, default: 0] else { return "" }
            self.quarters[update.name] = quarter
            return "\(update.name): \(quarter * 25) % done, \(Self.counts(update))\n"
        }
    }

    private func bar(of update: UpdateReport, fraction: Double, elapsed: Duration) -> String {
        let rate = self.rate(of: update, elapsed: elapsed).map { "  \(Int($0)) rows/s" } ?? ""
        // A line that is longer than the terminal cannot be drawn over.
        let why = update.standing == "ready" ? "" : "  \((update.reason ?? "").prefix(Self.reasonMax))"
        return "\(update.name) \(ProgressBar.text(fraction))  \(Self.counts(update))\(rate)\(why)"
    }

    private func rate(of update: UpdateReport, elapsed: Duration) -> Double? {
        guard let first = self.first[update.name], let items = update.items, items > first.items, elapsed > first.at
        else { return nil }
        return Double(items - first.items) / ((elapsed - first.at) / .seconds(1))
    }

    private static func counts(_ update: UpdateReport) -> String {
        guard let items = update.items else { return "not begun" }
        return update.totalItems.map { "\(items) of \($0) rows" } ?? "\(items) rows"
    }
}
