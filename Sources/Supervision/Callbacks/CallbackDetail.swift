public import WireProtocol

/// The answer of `GET …/callbacks/{category}/{name}`: what is declared of one callback, who answers it and how it goes.
public struct CallbackDetail: Sendable {
    private let callback: JSONReader

    /// - Throws: ``JSONError`` for what is no such answer.
    public init(_ answer: JSONValue) throws(JSONError) {
        self.callback = try JSONReader(answer)
    }

    /// The callback for people.
    public func text() throws(JSONError) -> String {
        let callback = self.callback
        let since = try callback.string("since", default: "")
        let title = "\(try callback.string("category"))/\(try callback.string("name"))"
        let parts = [
            title + (since.isEmpty ? "" : "  (since \(since))"),
            try self.prose(), try self.declaration(), try self.policy(), try self.chain(), try self.keys(),
            try self.outcomes(),
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: "\n\n")
    }

    private func prose() throws(JSONError) -> String {
        let texts = [try self.callback.string("summary", default: ""), try self.callback.string("notes", default: "")]
        return texts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private func declaration() throws(JSONError) -> String {
        var table = TextTable(["ARGUMENT", "TYPE"])
        let arguments = try self.callback.objects("arguments") { argument throws(JSONError) in
            let optional = try argument.bool("optional", default: false) ? "  (optional)" : ""
            return [try argument.string("name"), try argument.string("type") + optional]
        }
        for argument in arguments { table.add(argument) }
        var lines = TextTable(["result", try self.callback.string("result")])
        if let deprecated = try self.callback.optionalString("deprecated_result") {
            lines.add(["deprecated", deprecated])
        }
        lines.add(["rule", try self.rule()])
        lines.add(["no opinion", self.callback.value("default").description])
        lines.add(["deadline", "\(try self.callback.integer("deadline_ms", in: 0...Int.max)) ms"])
        let marks = try self.marks()
        if !marks.isEmpty { lines.add(["marks", marks.joined(separator: ", ")]) }
        return (arguments.isEmpty ? "" : "\(table.text)\n\n") + lines.text
    }

    private func rule() throws(JSONError) -> String {
        let name = try self.callback.string("rule")
        var parts = [name]
        for (key, value) in self.callback.value(name).object ?? [:] {
            parts.append("\(key) \(value.string ?? "\(value)")")
        }
        let neutral = self.callback.value("neutral")
        if neutral != .null { parts.append("neutral \(neutral.string ?? neutral.description)") }
        if let order = try self.callback.optionalString("order_by") { parts.append("in order by \(order)") }
        return parts.joined(separator: ", ")
    }

    private func marks() throws(JSONError) -> [String] {
        var marks: [String] = []
        if self.callback.value("deprecated") != .null {
            let deprecated = try self.callback.object("deprecated")
            let use = try deprecated.string("use", default: "")
            marks.append("deprecated since \(try deprecated.string("since"))" + (use.isEmpty ? "" : ", use \(use)"))
        }
        for (key, word) in [
            ("experimental", "experimental"), ("idempotent", "idempotent"), ("required", "required"),
            ("at_most_one_module", "one module at most"),
        ] where try self.callback.bool(key, default: false) {
            marks.append(word)
        }
        return marks
    }

    private func policy() throws(JSONError) -> String {
        var table = TextTable(["FAILURE", "WHAT IT DOES"])
        for (kind, action) in self.callback.value("failure").object ?? [:] { table.add([kind, Self.action(action)]) }
        return table.text
    }

    private static func action(_ action: JSONValue) -> String {
        action["stop_with"].map { "stop with \($0)" } ?? action.string ?? action.description
    }

    private func chain() throws(JSONError) -> String {
        let members = try ChainMember.all(of: self.callback)
        guard !members.isEmpty else { return "no module has registered it" }
        var table = TextTable(["#", "MODULE", "STATE", "CALLS", "ANSWERS", "NO OPINION", "FAIL-OPENS"])
        for (index, member) in members.enumerated() {
            let counters = member.reader.value("counters")
            let counts = ["calls", "answers", "continues", "fail_opens"].map { String(counters[$0]?.integer ?? 0) }
            table.add([String(index + 1), member.module, member.isUp ? "up" : "down"] + counts)
        }
        return table.text
    }

    private func keys() throws(JSONError) -> String {
        var table = TextTable(["KEY", "FIELDS", "MODULES"])
        let keys = try self.callback.objects("keys") { key throws(JSONError) in
            [
                try key.string("key"), try key.strings("fields").joined(separator: ", "),
                try key.strings("modules").joined(separator: ", "),
            ]
        }
        for key in keys { table.add(key) }
        return keys.isEmpty ? "" : table.text
    }

    private func outcomes() throws(JSONError) -> String {
        let outcomes = self.callback.value("outcomes").object ?? [:]
        return outcomes.map { "\($0.key.replacing("_", with: " ")) \($0.value)" }.joined(separator: ", ")
    }
}
