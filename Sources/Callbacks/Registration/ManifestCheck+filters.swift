import WireProtocol

extension ManifestCheck {
    /// Why a callback's calls cannot be picked by a filter; nil when they can.
    static func flaw(of filter: JSONValue, _ declaration: CallbackDeclaration) -> String? {
        if case .keyed = declaration.rule { return "whom \(declaration.path) concerns is said by its keys" }
        let read: ArgumentFilter
        do {
            read = try ArgumentFilter(json: filter)
        } catch {
            return error.message
        }
        let arguments = declaration.arguments.map(\.name)
        // A callback of the operator's own need not declare what it is called with.
        guard !arguments.isEmpty else { return nil }
        let names = read.alternatives.joined().compactMap(\.path.names.first)
        guard let unknown = names.first(where: { !arguments.contains($0) }) else { return nil }
        let hint = Spelling.nearest(to: unknown, among: arguments).first.map { "; did you mean `\($0)`?" } ?? ""
        return "\(declaration.path) has no argument `\(unknown.prefix(64))`\(hint)"
    }
}
