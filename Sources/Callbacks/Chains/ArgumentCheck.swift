import WireProtocol

/// Finds out whether a caller's arguments are what the catalogue declares.
///
/// Asked only when a module has said that it cannot use them: reading every call's arguments would cost more than passing the call on.
struct ArgumentCheck {
    /// Longer bodies are not read here: everybody waits meanwhile.
    static let bodySizeMax = 64 << 10

    let declaration: CallbackDeclaration

    /// What is wrong with the arguments; nil when they are as declared, or too long to be read.
    func fault(of body: Payload) -> BusFault? {
        guard body.count <= Self.bodySizeMax else { return nil }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: body)
        } catch {
            return BusFault(.badRequest, "the arguments of \(self.declaration.path) are not JSON: \(error)")
        }
        guard let arguments = value.object else {
            return BusFault(.badRequest, "the arguments of \(self.declaration.path) are no JSON object")
        }
        let flaws = self.declaration.arguments.compactMap { Self.flaw($0, arguments[$0.name]) }
        guard !flaws.isEmpty else { return nil }
        return BusFault(.badRequest, "\(self.declaration.path): \(flaws.joined(separator: "; "))")
    }

    private static func flaw(_ argument: CallbackDeclaration.Argument, _ value: JSONValue?) -> String? {
        guard let value else {
            guard !argument.isOptional, !argument.type.accepts(.null) else { return nil }
            return "argument `\(argument.name)` is missing: expected \(argument.type)"
        }
        guard !argument.type.accepts(value) else { return nil }
        return "argument `\(argument.name)`: expected \(argument.type), found \(value.kind)"
    }
}
