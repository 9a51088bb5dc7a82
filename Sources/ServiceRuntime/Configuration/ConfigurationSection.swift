/// A mapping being read: the keys asked for are the keys it has, and every other key is an error.
final class ConfigurationSection {
    let value: ConfigurationValue
    private let entries: [String: ConfigurationValue]
    private let order: [String]
    private var known: Set<String> = []

    init(_ value: ConfigurationValue, entries: [(key: String, value: ConfigurationValue)]) {
        self.value = value
        self.order = entries.map(\.key)
        self.entries = Dictionary(entries.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The value of a key, or nil when the key is absent or has nothing behind it.
    subscript(key: String) -> ConfigurationValue? {
        self.known.insert(key)
        guard let value = self.entries[key], !value.isNull else { return nil }
        return value
    }

    func required(_ key: String, _ hint: String) -> ConfigurationValue? {
        guard let value = self[key] else {
            self.value.report("`\(key)` is missing: \(hint)")
            return nil
        }
        return value
    }

    func milliseconds(_ key: String, in range: ClosedRange<Int>, default standard: Duration) -> Duration {
        self[key]?.integer(in: range).map { .milliseconds($0) } ?? standard
    }

    func integer(_ key: String, in range: ClosedRange<Int>, default standard: Int) -> Int {
        self[key]?.integer(in: range) ?? standard
    }

    func boolean(_ key: String, default standard: Bool) -> Bool {
        self[key]?.boolean() ?? standard
    }

    func reportUnknownKeys() {
        for key in self.order where !self.known.contains(key) {
            let hint = Spelling.nearest(to: key, among: self.known).map { ": did you mean `\($0)`?" }
            let keys = self.known.sorted().joined(separator: ", ")
            self.entries[key]?.report("unknown key\(hint ?? "; known here: \(keys)")")
        }
    }
}
