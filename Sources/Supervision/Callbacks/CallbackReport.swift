public import WireProtocol

/// The answer of `GET …/callbacks`: every callback with its chain and how its calls ended.
public struct CallbackReport: Sendable {
    private let categories: [JSONReader]
    private let callbacks: [JSONReader]

    /// - Throws: ``JSONError`` for what is no such answer.
    public init(_ answer: JSONValue) throws(JSONError) {
        let reader = try JSONReader(answer)
        self.categories = try reader.objects("categories") { category throws(JSONError) in category }
        self.callbacks = try reader.objects("callbacks") { callback throws(JSONError) in callback }
    }

    /// The report for people: a line for each callback below its category.
    public func text() throws(JSONError) -> String {
        var table = TextTable(["CALLBACK", "RULE", "CHAIN", "CALLS", "DECIDED", "NO OPINION", "NOBODY", "FAILED"])
        for category in self.categories {
            let name = try category.string("name")
            table.add([name])
            for callback in self.callbacks where callback.value("category").string == name {
                table.add(try Self.row(callback))
            }
        }
        return table.text
    }

    private static func row(_ callback: JSONReader) throws(JSONError) -> [String] {
        let outcomes = try callback.object("outcomes")
        func count(_ names: String...) throws(JSONError) -> String {
            var sum = 0
            for name in names { sum += try outcomes.integer(name, in: 0...Int.max, default: 0) }
            return String(sum)
        }
        return [
            "  \(try callback.string("name"))", try callback.string("rule"), try ChainMember.text(of: callback),
            try count("calls"), try count("answers"), try count("continues"), try count("none_registered", "none_up"),
            try count("failed"),
        ]
    }
}

/// A module of a chain, as the admin surface shows it.
struct ChainMember {
    let module: String
    let isUp: Bool
    let reader: JSONReader

    init(_ reader: JSONReader) throws(JSONError) {
        self.module = try reader.string("module")
        self.isUp = try reader.bool("up", default: false)
        self.reader = reader
    }

    static func all(of callback: JSONReader) throws(JSONError) -> [Self] {
        try callback.objects("chain") { member throws(JSONError) in try Self(member) }
    }

    /// The modules in the order in which they are asked; `-` for none.
    static func text(of callback: JSONReader) throws(JSONError) -> String {
        let members = try self.all(of: callback)
        guard !members.isEmpty else { return "-" }
        return members.map { $0.isUp ? $0.module : "\($0.module) (down)" }.joined(separator: ", ")
    }
}
