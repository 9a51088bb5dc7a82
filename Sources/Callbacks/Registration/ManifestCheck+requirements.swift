import WireProtocol

// MARK: What a module requires

extension ManifestCheck {
    /// Reasons against names that nothing can have; one that nothing has just now is a warning, for it may come.
    func requirements(_ claims: [RequirementClaim]) -> [Remark] {
        claims.enumerated().compactMap { index, claim in
            let item = "requires[\(index)]"
            guard Hello.isValid(id: claim.module) else {
                let message = "'\(claim.module.prefix(140))' is no module's name: 1 to 63 of a-z, 0-9 and '-'"
                return Remark(code: "invalid_name", item: "\(item).module", message: message)
            }
            guard let method = claim.method, !CatalogueReader.isName(method) else { return nil }
            let message = "'\(method.prefix(140))': a method's name has 1 to 64 of a-z 0-9 _"
            return Remark(code: "invalid_name", item: "\(item).method", message: message)
        }
    }
}
