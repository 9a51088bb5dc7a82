import WireProtocol

/// Finds what two modules cannot both have.
///
/// Made for one manifest and asked about many others: most manifests claim nothing that could be contested, and then no other is looked at.
struct RivalCheck {
    private struct Claim {
        var index: Int
        var claim: CallbackClaim
        var isAtMostOneModule: Bool
    }

    private let claims: [Claim]

    /// For a manifest that claims nothing that could be contested.
    init() { self.claims = [] }

    init(_ manifest: Manifest, _ catalogue: Catalogue) {
        self.claims = manifest.callbacks.enumerated().compactMap { index, claim in
            guard let declaration = catalogue[claim.path], declaration.isAtMostOneModule || !claim.keys.isEmpty else {
                return nil
            }
            return Claim(index: index, claim: claim, isAtMostOneModule: declaration.isAtMostOneModule)
        }
    }

    /// Whether there is nothing that another module could contest.
    var isEmpty: Bool { self.claims.isEmpty }

    /// The reasons to refuse this manifest because of another.
    ///
    /// - Parameters:
    ///   - other: What the other has registered.
    ///   - name: The other's name; it stands first in the configuration.
    /// - Returns: None when both can be registered.
    func reasons(with other: Manifest, of name: String) -> [Remark] {
        self.claims.flatMap { own -> [Remark] in
            let first = other.callbacks.first { $0.name == own.claim.name && $0.category == own.claim.category }
            guard let first else { return [] }
            guard !own.isAtMostOneModule else {
                let message =
                    "\(own.claim.path) is for one module at most, and '\(name)' stands before this one in the configuration"
                return [Remark(code: "at_most_one_module", item: "callbacks[\(own.index)]", message: message)]
            }
            return Self.keyConflicts(own.claim, own.index, with: first, of: name)
        }
    }

    /// Keys about whose fields two modules do not agree.
    private static func keyConflicts(
        _ claim: CallbackClaim,
        _ index: Int,
        with first: CallbackClaim,
        of name: String
    ) -> [Remark] {
        let taken = Dictionary(first.keys.map { ($0.key, $0.fields) }) { one, _ in one }
        return claim.keys.enumerated().compactMap { place, key in
            guard let fields = taken[key.key], fields != key.fields else { return nil }
            let message =
                "'\(name)', which stands before this one in the configuration, registers the key '\(key.key)' with the fields "
                + "[\(fields.joined(separator: ", "))], and this one with [\(key.fields.joined(separator: ", "))]"
            return Remark(code: "key_conflict", item: "callbacks[\(index)].keys[\(place)]", message: message)
        }
    }
}
