package import WireProtocol

/// Holds a manifest against the operator's configuration and the catalogue, and finds every reason to refuse it.
package struct ManifestCheck {
    private static let modulesPrefix = "/_modules"
    /// For how many unknown names the nearest is looked for: a manifest may have a thousand, and everybody waits meanwhile.
    private static let suggestionsMax = 8
    /// The most reasons that are told: a manifest may have a hundred thousand methods, and each of them may be wrong.
    private static let reasonsMax = 1024
    /// The most prefixes of the operator's that a reason names.
    private static let prefixesMax = 8

    let configuration: DispatcherConfiguration
    let module: DispatcherConfiguration.Module

    /// - Parameters:
    ///   - configuration: The operator's.
    ///   - module: Whose manifest it is.
    package init(configuration: DispatcherConfiguration, module: DispatcherConfiguration.Module) {
        self.configuration = configuration
        self.module = module
    }

    /// Every reason; none means that the manifest can be granted.
    package func reasons(against manifest: Manifest) -> [Remark] {
        let limits = self.limits(manifest)
        guard limits.isEmpty else { return limits }
        let reasons =
            self.routes(manifest.routes) + self.callbacks(manifest.callbacks) + self.methods(manifest.methods)
            + self.backgroundUpdates(manifest.backgroundUpdates) + self.requirements(manifest.requires)
        guard reasons.count > Self.reasonsMax else { return reasons }
        let more = Remark(code: "limit", message: "and \(reasons.count - Self.reasonsMax) more reasons")
        return reasons.prefix(Self.reasonsMax) + [more]
    }

    private func limits(_ manifest: Manifest) -> [Remark] {
        var reasons: [Remark] = []
        let counts: KeyValuePairs = [
            "routes": manifest.routes.count, "callbacks": manifest.callbacks.count,
            "methods": manifest.methods.count, "background_updates": manifest.backgroundUpdates.count,
            "requires": manifest.requires.count,
        ]
        for (name, count) in counts where count > Manifest.itemsMax {
            reasons.append(
                Remark(
                    code: "limit",
                    item: name,
                    message: "\(count) items; a manifest has at most \(Manifest.itemsMax)"
                )
            )
        }
        return reasons
    }
}

// MARK: Routes

extension ManifestCheck {
    private func routes(_ claims: [RouteClaim]) -> [Remark] {
        var reasons: [Remark] = []
        var seen: [String: Int] = [:]
        for (index, claim) in claims.enumerated() {
            let item = "routes[\(index)]"
            reasons += self.methods(claim, item: item)
            switch RoutePattern.parse(claim.path) {
            case .failure(let flaw):
                reasons.append(Remark(code: "invalid_path", item: item, message: "'\(claim.path)': \(flaw.message)"))
            case .success(let pattern):
                reasons += self.path(claim, pattern, item: item)
                if let first = seen.updateValue(index, forKey: "\(claim.match) \(pattern.key)") {
                    reasons.append(
                        Remark(code: "duplicate", item: item, message: "\(claim.path) is routes[\(first)] already")
                    )
                }
            }
        }
        return reasons
    }

    private func methods(_ claim: RouteClaim, item: String) -> [Remark] {
        claim.methods.enumerated().compactMap { index, method in
            guard let flaw = Self.flaw(ofMethod: method) else { return nil }
            return Remark(code: "invalid_method", item: "\(item).methods[\(index)]", message: flaw)
        }
    }

    private static func flaw(ofMethod method: String) -> String? {
        switch method {
        case "OPTIONS": return "OPTIONS is answered by the gateway; leave it out"
        case "CONNECT", "TRACE": return "\(method) is not served"
        default: break
        }
        let isMethod = (1...20).contains(method.utf8.count) && method.utf8.allSatisfy { (0x41...0x5A).contains($0) }
        return isMethod ? nil : "'\(method.prefix(40))' is no method; write it in upper case, such as GET"
    }

    private func path(_ claim: RouteClaim, _ pattern: RoutePattern, item: String) -> [Remark] {
        let (path, own) = (claim.path, "\(Self.modulesPrefix)/\(self.module.id)")
        if let prefix = self.configuration.reservedPrefixes.first(where: pattern.reaches(below:)) {
            let message = "\(path) is below the reserved prefix \(prefix); choose a path below \(own)"
            return [Remark(code: "reserved_path", item: item, message: message)]
        }
        if pattern.reaches(below: Self.modulesPrefix), pattern.segments.count > 1, !self.isOwn(pattern) {
            let message = "\(path) belongs to another module; choose a path below \(own)"
            return [Remark(code: "reserved_path", item: item, message: message)]
        }
        if claim.match == .subtree,
            let prefix = self.prefixes(foreignTo: pattern).first(where: pattern.subtreeReaches(below:))
        {
            let message = "the subtree of \(path) takes in what is below \(prefix); choose a path below \(own)"
            return [Remark(code: "reserved_path", item: item, message: message)]
        }
        guard let allowed = self.module.allowedRoutes, !allowed.contains(where: { Self.allows($0, path) }) else {
            return []
        }
        let named =
            allowed.prefix(Self.prefixesMax).joined(separator: ", ") + (allowed.count > Self.prefixesMax ? ", …" : "")
        let message = "\(path) is not in the operator's `allow.routes` of \(self.module.id): \(named)"
        return [Remark(code: "not_allowed", item: item, message: message)]
    }

    /// What a subtree may not take in.
    private func prefixes(foreignTo pattern: RoutePattern) -> [String] {
        self.configuration.reservedPrefixes + (self.isOwn(pattern) ? [] : [Self.modulesPrefix])
    }

    private func isOwn(_ pattern: RoutePattern) -> Bool {
        pattern.segments.count > 1 && pattern.segments[0] == .literal("_modules")
            && pattern.segments[1] == .literal(self.module.id[...])
    }

    private static func allows(_ prefix: String, _ path: String) -> Bool {
        prefix == "/" || path == prefix || path.hasPrefix(prefix.hasSuffix("/") ? prefix : prefix + "/")
    }
}

// MARK: Callbacks

extension ManifestCheck {
    private func callbacks(_ claims: [CallbackClaim]) -> [Remark] {
        var reasons: [Remark] = []
        var seen: [String: Int] = [:]
        for (index, claim) in claims.enumerated() {
            let item = "callbacks[\(index)]"
            let isHinted = reasons.count < Self.suggestionsMax
            if let reason = self.reason(against: claim, item: item, isHinted: isHinted) {
                reasons.append(reason)
            }
            if let first = seen.updateValue(index, forKey: claim.path) {
                let message = "\(claim.path) is callbacks[\(first)] already"
                reasons.append(Remark(code: "duplicate", item: item, message: message))
            }
        }
        return reasons + self.bothOrNeither(seen) + self.atLeast(seen)
    }

    private func reason(against claim: CallbackClaim, item: String, isHinted: Bool) -> Remark? {
        guard let declaration = self.configuration.catalogue[claim.path] else {
            let nearest = isHinted ? self.configuration.catalogue.suggestions(for: claim.path) : []
            let hint = nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?"
            let message = "there is no callback \(claim.path.prefix(140))\(hint)"
            return Remark(code: "unknown_callback", item: item, message: message)
        }
        guard self.module.allows(declaration) else {
            let message = "\(claim.path) is not in the operator's `allow.callbacks` of \(self.module.id)"
            return Remark(code: "not_allowed", item: item, message: message)
        }
        if let flaw = claim.filter.flatMap({ Self.flaw(of: $0, declaration) }) {
            return Remark(code: "invalid_filter", item: "\(item).filter", message: flaw)
        }
        return self.flaw(ofKeys: claim, declaration, item: item)
    }

    private func bothOrNeither(_ seen: [String: Int]) -> [Remark] {
        self.configuration.catalogue.categories.flatMap { category in
            category.bothOrNeither.compactMap { names in
                let claimed = names.filter { seen["\(category.name)/\($0)"] != nil }
                guard !claimed.isEmpty, claimed.count < names.count else { return nil }
                let index = seen["\(category.name)/\(claimed[0])"] ?? 0
                let message = "\(category.name): register both or neither of \(names.joined(separator: " and "))"
                return Remark(code: "both_or_neither", item: "callbacks[\(index)]", message: message)
            }
        }
    }

    private func atLeast(_ seen: [String: Int]) -> [Remark] {
        self.configuration.catalogue.categories.flatMap { category in
            category.atLeast.compactMap { name in
                guard seen["\(category.name)/\(name)"] == nil,
                    let index = seen.filter({ $0.key.hasPrefix("\(category.name)/") }).values.min()
                else {
                    return nil
                }
                let message = "\(category.name): whoever registers any of its callbacks registers \(name) too"
                return Remark(code: "at_least", item: "callbacks[\(index)]", message: message)
            }
        }
    }
}

extension CallbackClaim {
    /// `category/name`, as the catalogue knows it.
    var path: String { "\(self.category)/\(self.name)" }
}
