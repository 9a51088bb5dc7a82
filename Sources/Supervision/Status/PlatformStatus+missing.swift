extension PlatformStatus {
    /// What keeps modules that are waited for, in a line: each with its state and the first reason.
    ///
    /// - Parameter names: The modules.
    /// - Returns: As in `link-guard is configuration_error (modules[1].config.blocklist[2]: expected a domain name)`.
    public func text(ofMissing names: [String]) -> String {
        names.map { name in
            guard let module = self.modules.first(where: { $0.id == name }) else { return "\(name) is not there" }
            let reason = module.reasons.first.map { " (\($0.text))" } ?? ""
            return "\(name) is \(module.state)\(reason)"
        }.joined(separator: ", ")
    }
}
