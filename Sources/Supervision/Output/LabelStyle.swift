/// How a process's lines are labelled on the terminal: padded to one width, each process in a colour of its own.
struct LabelStyle: Sendable {
    private static let colours = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94]

    private let prefixes: [String: String]

    init(names: [String], coloured: Bool) {
        let width = names.map(\.count).max() ?? 0
        var prefixes: [String: String] = [:]
        for (index, name) in names.enumerated() {
            let label = name + String(repeating: " ", count: width - name.count) + " |"
            let colour = Self.colours[index % Self.colours.count]
            prefixes[name] = coloured ? "\u{1B}[\(colour)m\(label)\u{1B}[0m " : "\(label) "
        }
        self.prefixes = prefixes
    }

    func prefix(of name: String) -> String {
        self.prefixes[name] ?? "\(name) | "
    }
}
