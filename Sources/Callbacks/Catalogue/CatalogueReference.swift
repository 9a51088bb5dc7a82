import WireProtocol

/// The page that lists every callback of a catalogue, for people who write modules or hosts.
public struct CatalogueReference {
    private let catalogue: Catalogue

    public init(_ catalogue: Catalogue) {
        self.catalogue = catalogue
    }

    /// The page as Markdown, with a line feed at its end.
    public var markdown: String {
        let sections = self.catalogue.categories.map(self.section)
        return """
            # Callbacks: reference

            Every callback that modules can register, by category. This page is written by `ganglion callbacks --markdown`; [callbacks.md](callbacks.md) says what the
            rules, kinds of failure and types mean.

            | category | callbacks | |
            | --- | --- | --- |
            \(self.index)

            \(sections.joined(separator: "\n\n"))

            """
    }

    private var index: String {
        self.catalogue.categories.map { category in
            let names = self.callbacks(of: category).map { "[`\($0.name)`](#\($0.name))" }.joined(separator: ", ")
            return "| [`\(category.name)`](#\(category.name)) | \(names) | \(category.summary) |"
        }.joined(separator: "\n")
    }

    private func callbacks(of category: CategoryDeclaration) -> [CallbackDeclaration] {
        self.catalogue.callbacks.filter { $0.category == category.name }
    }

    private func section(_ category: CategoryDeclaration) -> String {
        let constraints =
            category.bothOrNeither.map { "Whoever registers one of \(Self.list($0)) registers all of them." }
            + category.atLeast.map { "Whoever registers any of them registers `\($0)`." }
        let head = [
            "## \(category.name)", Self.sentences([category.summary, Self.since(category.since)] + constraints),
        ]
        return (head.filter { !$0.isEmpty } + self.callbacks(of: category).map(Self.entry)).joined(separator: "\n\n")
    }

    private static func entry(_ callback: CallbackDeclaration) -> String {
        var rows: [(String, String)] = [
            ("arguments", Self.arguments(callback)), ("result", Self.code(callback.result)),
        ]
        if let deprecated = callback.deprecatedResult { rows.append(("deprecated results", Self.code(deprecated))) }
        if !callback.normalisations.isEmpty {
            let forms = callback.normalisations.map { "`\($0.from)` for `\($0.to)`" }
            rows.append(("stands for another", forms.joined(separator: ", ")))
        }
        rows += [
            ("rule", Self.rule(callback)), ("with no opinion", "`\(callback.defaultResult)`"),
            ("deadline", "\(callback.deadlineMilliseconds) ms"), ("failures", Self.failures(callback.failure)),
        ]
        let marks = Self.marks(callback)
        if !marks.isEmpty { rows.append(("marks", marks.joined(separator: ", "))) }
        let table = (["| | |", "| --- | --- |"] + rows.map { "| \($0.0) | \($0.1) |" }).joined(separator: "\n")
        let text = Self.sentences([callback.summary, Self.since(callback.since)])
        return ["### \(callback.name)", text, table, callback.notes].filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}

// MARK: Parts of an entry

extension CatalogueReference {
    private static func arguments(_ callback: CallbackDeclaration) -> String {
        guard !callback.arguments.isEmpty else { return "none" }
        return callback.arguments.map { argument in
            let since = argument.since.isEmpty ? "" : " since \(argument.since)"
            return "`\(argument.name)`: \(Self.code(argument.type))"
                + (argument.isOptional ? ", optional\(since)" : since)
        }.joined(separator: "<br>")
    }

    private static func rule(_ callback: CallbackDeclaration) -> String {
        var parts = ["`\(callback.rule.name)`"]
        if callback.rule.hasNeutral {
            switch callback.neutral {
            case .values(let values): parts.append("neutral: \(values.map { "`\($0)`" }.joined(separator: ", "))")
            case .falsy: parts.append("neutral: what is falsy")
            case .truthy: parts.append("neutral: what is truthy")
            }
        }
        for (key, value) in callback.rule.parameters ?? [:] { parts.append("\(key): `\(Self.word(value))`") }
        if !callback.orderBy.isEmpty { parts.append("in order by `\(callback.orderBy.joined(separator: "."))`") }
        return parts.joined(separator: ", ")
    }

    private static func failures(_ policy: FailurePolicy) -> String {
        var kinds: [(action: String, names: [String])] = []
        for kind in FailureKind.allCases {
            let action =
                switch policy[kind] {
                case .continue: "`continue`"
                case .fail: "`fail`"
                case .stopWith(let value): "stop with `\(value)`"
                }
            if let index = kinds.firstIndex(where: { $0.action == action }) {
                kinds[index].names.append(kind.rawValue)
            } else {
                kinds.append((action, [kind.rawValue]))
            }
        }
        return kinds.map { "\($0.names.joined(separator: ", ")): \($0.action)" }.joined(separator: "<br>")
    }

    private static func marks(_ callback: CallbackDeclaration) -> [String] {
        var marks: [String] = []
        if let deprecation = callback.deprecation {
            marks.append(
                "deprecated since \(deprecation.since)" + (deprecation.use.isEmpty ? "" : ": use `\(deprecation.use)`")
            )
        }
        if callback.isExperimental { marks.append("experimental") }
        if callback.isIdempotent { marks.append("idempotent") }
        if callback.isRequired { marks.append("required") }
        if callback.isAtMostOneModule { marks.append("one module at most") }
        return marks
    }

    private static func since(_ version: String) -> String {
        version.isEmpty ? "" : "Since \(version)."
    }

    private static func sentences(_ texts: [String]) -> String {
        texts.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private static func list(_ names: [String]) -> String {
        names.map { "`\($0)`" }.joined(separator: " and ")
    }

    /// Within a table a bar would end the cell.
    private static func code(_ type: ValueType) -> String {
        "`\(type.description.replacing("|", with: "\\|"))`"
    }

    private static func word(_ value: JSONValue) -> String {
        value.string ?? value.description
    }
}
