import WireProtocol
import Yams

/// Reads catalogue files, as `docs/callbacks.md` describes them, and reports everything that is wrong at once.
struct CatalogueReader {
    let problems: CatalogueNode.Problems
    private(set) var catalogue: Catalogue
    var types = ValueType.words

    /// - Parameters:
    ///   - file: The file's name for error messages.
    ///   - catalogue: What other files have declared; the file's own categories come after them.
    init(file: String, extending catalogue: Catalogue) {
        self.problems = CatalogueNode.Problems(file: file)
        self.catalogue = catalogue
    }

    mutating func read(_ text: String) {
        do {
            guard let root = try Yams.compose(yaml: text) else {
                return self.problems.report("the file is empty", line: nil, keyPath: "")
            }
            self.readRoot(CatalogueNode(node: root, path: "", problems: self.problems))
        } catch {
            self.problems.report(Self.reason(of: error), line: Self.line(of: error), keyPath: "")
        }
    }

    private mutating func readRoot(_ root: CatalogueNode) {
        let members = root.members()
        guard members.first(where: { $0.key == "catalogue" })?.value.json() == 1 else {
            return root.report("expected `catalogue: 1`, the version of the format")
        }
        for (key, value) in members {
            switch key {
            case "catalogue": break
            case "types": self.readTypes(value)
            case "categories": self.readCategories(value)
            default: value.reportUnknown(key, among: ["catalogue", "types", "categories"])
            }
        }
    }

    private mutating func readTypes(_ node: CatalogueNode) {
        for (name, value) in node.members() {
            guard self.types[name] == nil else {
                value.report("the type `\(name)` exists already")
                continue
            }
            self.types[name] = self.type(value) ?? .any
        }
    }

    private mutating func readCategories(_ node: CatalogueNode) {
        for (name, value) in node.members() {
            guard Self.isName(name) else {
                value.report("`\(name)` is no name: use 1 to 64 of a-z, 0-9 and _")
                continue
            }
            guard !self.catalogue.hasCategory(name) else {
                value.report(
                    "the category `\(name)` exists already: callbacks of your own need a category of their own"
                )
                continue
            }
            self.readCategory(CategoryDeclaration(name: name), value)
        }
    }

    private static let categoryKeys = ["since", "summary", "defaults", "constraints", "callbacks"]

    private mutating func readCategory(_ declaration: CategoryDeclaration, _ node: CatalogueNode) {
        var category = declaration
        let members = node.members()
        let defaults = members.first { $0.key == "defaults" }?.value
        var callbacks: [CallbackDeclaration] = []
        for (key, value) in members {
            switch key {
            case "since": category.since = value.text() ?? ""
            case "summary": category.summary = value.text() ?? ""
            case "defaults": break
            case "constraints":
                for element in value.elements() { Self.readConstraint(element, into: &category) }
            case "callbacks": callbacks = self.readCallbacks(value, of: category.name, defaults: defaults)
            default: value.reportUnknown(key, among: Self.categoryKeys)
            }
        }
        if callbacks.isEmpty, !members.contains(where: { $0.key == "callbacks" }) {
            node.report("`callbacks` is missing")
        }
        for name in category.bothOrNeither.joined() + category.atLeast
        where !callbacks.contains(where: { $0.name == name }) {
            node.report("constraints: the category has no callback `\(name)`")
        }
        for index in callbacks.indices where callbacks[index].since.isEmpty {
            callbacks[index].since = category.since
        }
        self.catalogue.add(category, callbacks)
    }

    private func readCallbacks(
        _ node: CatalogueNode,
        of category: String,
        defaults: CatalogueNode?
    ) -> [CallbackDeclaration] {
        node.members().compactMap { name, value in
            guard Self.isName(name) else {
                value.report("`\(name)` is no name: use 1 to 64 of a-z, 0-9 and _")
                return nil
            }
            var reader = CallbackReader(types: self.types, category: category, name: name)
            if let defaults {
                reader.read(defaults, isDefaults: true)
            }
            reader.read(value, isDefaults: false)
            return reader.finished(at: value)
        }
    }

    private static func readConstraint(_ node: CatalogueNode, into category: inout CategoryDeclaration) {
        let members = node.members()
        let names = members.first?.value.elements().compactMap { $0.text() } ?? []
        switch (members.count, members.first?.key) {
        case (1, "both_or_neither"): category.bothOrNeither.append(names)
        case (1, "at_least"): category.atLeast += names
        default: node.report("expected `both_or_neither: [NAME, NAME]` or `at_least: [NAME]`")
        }
    }

    private func type(_ node: CatalogueNode) -> ValueType? {
        ValueTypeReader(types: self.types).read(node)
    }

    static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
    }

    private static func reason(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
            "not YAML: \(problem)"
        default: "not YAML: \(error)"
        }
    }

    private static func line(of error: any Error) -> Int? {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
        default: nil
        }
    }
}

extension CatalogueNode {
    func reportUnknown(_ key: String, among known: [String]) {
        let nearest = Spelling.nearest(to: key, among: known).first.map { "; did you mean `\($0)`?" } ?? ""
        self.report("unknown key\(nearest)")
    }
}
