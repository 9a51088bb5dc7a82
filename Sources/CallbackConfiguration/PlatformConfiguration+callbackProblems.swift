public import Callbacks
public import ServiceRuntime
internal import WireProtocol

extension PlatformConfiguration {
    /// Everything that is wrong with the operator's catalogue files, or else with what is said about the callbacks in them.
    public var callbackProblems: [ConfigurationProblem] {
        do throws(ConfigurationError) {
            return self.callbackProblems(in: try self.catalogue())
        } catch {
            return error.problems
        }
    }

    /// Everything that the operator says about callbacks which the catalogue does not have, or not so.
    ///
    /// - Parameter catalogue: That of this configuration.
    /// - Returns: The problems at their places in the operator's file; none when all is right.
    public func callbackProblems(in catalogue: Catalogue) -> [ConfigurationProblem] {
        let modules = self.modules.map(\.id)
        let overrides = (self.callbacks.overrides + self.modules.flatMap(\.failures)).flatMap { override in
            PolicyOverride(override)?.problems(in: catalogue, modules: modules) ?? []
        }
        return overrides.map { self.problem(at: $0.keyPath, $0.message) }
            + self.modules.flatMap { self.problems(ofAllowance: $0, catalogue) }
    }

    /// A callback that a module may register and that does not exist is a slip: the one that was meant is not allowed.
    private func problems(ofAllowance module: Module, _ catalogue: Catalogue) -> [ConfigurationProblem] {
        (module.allow.callbacks ?? []).enumerated().compactMap { index, text in
            guard let message = catalogue.flaw(ofPattern: text) else { return nil }
            let path = "modules[\(module.position - 1)].allow.callbacks[\(index)]"
            return self.problem(at: path, message)
        }
    }
}

extension PolicyOverride {
    /// - Returns: nil for a value that is no JSON, which the configuration has made of YAML itself.
    init?(_ override: PlatformConfiguration.CallbackOverride) {
        var failures: [Failure] = []
        for failure in override.failures {
            switch failure.action {
            case .continue: failures.append(.init(kind: failure.kind, action: .continue, keyPath: failure.keyPath))
            case .fail: failures.append(.init(kind: failure.kind, action: .fail, keyPath: failure.keyPath))
            case .stopWith(let json):
                guard let value = try? JSONValue(parsing: Payload(json)) else { return nil }
                failures.append(.init(kind: failure.kind, action: .stopWith(value), keyPath: failure.keyPath))
            }
        }
        self.init(CallbackPattern(override.callbacks), failures: failures, keyPath: override.keyPath)
        self.deadlineMilliseconds = override.deadline.map { UInt32(clamping: Int64($0 / .milliseconds(1))) }
        self.isRequired = override.isRequired
        self.requiredModules = override.requiredModules
        self.isParallel = override.isParallel
    }
}
