internal import Callbacks
internal import WireProtocol

extension Check {
    /// A check for everything that the module registered, and for the calls that were recorded of it.
    static func registered(_ trial: Trial) -> [Check] {
        let module = trial.settings.moduleID
        let callbacks = trial.manifest.callbacks.flatMap { Self.callback($0, trial) }
        let routes = trial.manifest.routes.flatMap { route in
            route.methods.map { Self.call("route \($0) \(route.path)", TrialCall(route, method: $0, of: module)) }
        }
        let methods = trial.manifest.methods.map { Self.call("method \($0.name)", TrialCall($0, of: module)) }
        let updates = trial.manifest.backgroundUpdates.map {
            Self.call("update \($0.name)", TrialCall($0, of: module))
        }
        return callbacks + routes + methods + updates
    }

    private static func call(_ name: String, _ call: TrialCall) -> Check {
        Check(name, section: "§4.2") { trial in
            .steps(TrialCall.steps([call], atOnce: 1, in: &trial) + Step.ping(&trial))
        }
    }

    private static func callback(_ claim: CallbackClaim, _ trial: Trial) -> [Check] {
        guard let declaration = trial.settings.catalogue["\(claim.category)/\(claim.name)"] else { return [] }
        if declaration.isScoped { return [Self.scope(claim, declaration)] }
        let samples = SampleArguments(declaration, claim)
        let calls = [samples.all, samples.required].compactMap(\.self).map { TrialCall(declaration, arguments: $0) }
        let invented = Check("callback \(declaration.path)", section: "§4.2") { trial in
            .steps(TrialCall.steps(calls, atOnce: claim.concurrency, in: &trial) + Step.ping(&trial))
        }
        let filter = claim.filter.flatMap { try? ArgumentFilter(json: $0) }
        let recorded = trial.settings.calls.filter { $0.callback == declaration.path && filter.concerns($0.arguments) }
        guard !recorded.isEmpty else { return [invented] }
        let replayed = recorded.map { TrialCall(declaration, arguments: $0.arguments) }
        let atOnce = min(claim.concurrency, PlayedDispatcher.inFlightMax)
        return [
            invented,
            Check("recorded \(declaration.path)", section: "§4.2") { trial in
                .steps(TrialCall.steps(replayed, atOnce: atOnce, in: &trial) + Step.ping(&trial))
            },
        ]
    }

    /// A scope is entered, left, and left once more, which is to be ignored.
    private static func scope(_ claim: CallbackClaim, _ declaration: CallbackDeclaration) -> Check {
        let arguments = SampleArguments(declaration, claim).all
        return Check("callback \(declaration.path)", section: "§5.5") { trial in
            let scope = "conform-\(trial.nextCallID())"
            let enter = TrialCall(declaration, arguments: arguments, metadata: Self.metadata("enter", scope))
            var exit = TrialCall(declaration, arguments: arguments, metadata: Self.metadata("exit", scope))
            exit.rule = .scopeExit
            var stranger = exit
            stranger.metadata = Self.metadata("exit", "\(scope)-that-nobody-entered")
            return .steps(TrialCall.steps([enter, exit, stranger], atOnce: 1, in: &trial) + Step.ping(&trial))
        }
    }

    private static func metadata(_ direction: String, _ scope: String) -> Payload {
        let metadata: JSONValue = ["scope": .string(direction), "scope_id": .string(scope)]
        return metadata.encoded()
    }
}

extension ArgumentFilter? {
    /// Whether a dispatcher would send a call with these arguments.
    fileprivate func concerns(_ arguments: Payload) -> Bool {
        guard let self else { return true }
        return (try? JSONValue(parsing: arguments)).map(self.matches) ?? false
    }
}
