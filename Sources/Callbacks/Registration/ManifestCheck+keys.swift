import WireProtocol

// MARK: Keys of keyed callbacks

extension ManifestCheck {
    private static let textSizeRange = 1...128
    private static let fieldsMax = 64

    /// A reason against the keys of a claim; nil when they are as the callback's rule wants them.
    func flaw(ofKeys claim: CallbackClaim, _ declaration: CallbackDeclaration, item: String) -> Remark? {
        guard case .keyed(let rule) = declaration.rule else {
            guard !claim.keys.isEmpty else { return nil }
            let message = "\(claim.path) has no keys: its rule is `\(declaration.rule.name)`"
            return Remark(code: "invalid_keys", item: "\(item).keys", message: message)
        }
        guard (1...KeyClaim.keysMax).contains(claim.keys.count) else {
            let message =
                "\(claim.path) is registered with 1 to \(KeyClaim.keysMax) `keys`: the values of `\(rule.argument)` that this module answers"
            return Remark(code: "invalid_keys", item: "\(item).keys", message: message)
        }
        var seen: Set<String> = []
        for (index, key) in claim.keys.enumerated() {
            let place = "\(item).keys[\(index)]"
            guard seen.insert(key.key).inserted else {
                return Remark(code: "duplicate", item: place, message: "'\(key.key)' stands in the list already")
            }
            let texts = [key.key] + key.fields
            guard key.fields.count <= Self.fieldsMax,
                texts.allSatisfy({ Self.textSizeRange.contains($0.utf8.count) })
            else {
                let message =
                    "a key and each of its fields have 1 to 128 bytes, and there are at most \(Self.fieldsMax) fields"
                return Remark(code: "invalid_keys", item: place, message: message)
            }
        }
        return nil
    }
}
