/// Reads a type of a catalogue file.
struct ValueTypeReader {
    /// The types that can be referred to by name.
    let types: [String: ValueType]

    /// - Returns: nil after reporting what is wrong.
    func read(_ node: CatalogueNode) -> ValueType? {
        if node.word != nil {
            return self.named(node)
        }
        if node.isList {
            return self.all(node).map(ValueType.anyOf)
        }
        let members = node.members()
        guard let (key, value) = members.first, members.count == 1 else {
            node.report("expected one of one_of, prefix, tuple, list, map and object")
            return nil
        }
        return self.built(key, value)
    }

    private func built(_ key: String, _ value: CatalogueNode) -> ValueType? {
        switch key {
        case "one_of": .oneOf(value.elements().compactMap { $0.json() })
        case "prefix": .prefix(value.elements().compactMap { $0.text() })
        case "tuple": self.all(value).map(ValueType.tuple)
        case "list": self.read(value).map(ValueType.list)
        case "map": self.read(value).map(ValueType.map)
        case "object": self.fields(value)
        default: self.unknown(key, value)
        }
    }

    private func unknown(_ key: String, _ value: CatalogueNode) -> ValueType? {
        value.reportUnknown(key, among: ["one_of", "prefix", "tuple", "list", "map", "object"])
        return nil
    }

    private func fields(_ node: CatalogueNode) -> ValueType? {
        var fields: [String: ValueType] = [:]
        for (name, value) in node.members() {
            fields[name] = self.read(value)
        }
        return .fields(fields)
    }

    private func all(_ node: CatalogueNode) -> [ValueType]? {
        let elements = node.elements()
        let types = elements.compactMap(self.read)
        return types.count == elements.count ? types : nil
    }

    /// A name, or several with `|` between them.
    private func named(_ node: CatalogueNode) -> ValueType? {
        guard let text = node.word else { return nil }
        let names = text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        let types = names.compactMap { name in
            let type = self.types[name]
            if type == nil {
                let nearest = Spelling.nearest(to: name, among: Array(self.types.keys)).first
                node.report("there is no type `\(name)`\(nearest.map { "; did you mean `\($0)`?" } ?? "")")
            }
            return type
        }
        guard types.count == names.count else { return nil }
        return types.count == 1 ? types.first : .anyOf(types)
    }
}
