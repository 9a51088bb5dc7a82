internal import WireProtocol

extension Check {
    static let unknownTargets = Check("unknown-targets", section: "§4.2") { trial in
        let module = trial.settings.moduleID
        let targets = [
            "callback/conformance/no_such_callback", "method/\(module)/no_such_method",
            "update/\(module)/no_such_update", "web/\(module)/_modules/\(module)/no/such/route", "nonsense",
        ]
        let metadata = WebRequestMetadata(method: "GET", path: "/_modules/\(module)/no/such/route").encoded()
        let calls = targets.map { target in
            TrialCall(
                target: target,
                metadata: target.hasPrefix("web/") ? metadata : nil,
                body: target.hasPrefix("web/") ? .empty : "{}",
                rule: .refusal
            )
        }
        return .steps(TrialCall.steps(calls, atOnce: 1, in: &trial))
    }

    /// A call that nobody waits for any more; a late reply is no fault, and neither is a CANCEL of what never was.
    static let cancel = Check("cancel", section: "§4.3") { trial in
        guard let call = trial.anyCall else { return .skip(Self.nothingToCall) }
        let (id, unknown) = (trial.nextCallID(), trial.nextCallID())
        return .steps(
            [
                .send([
                    call.message(id), .control(.cancel, callID: id), .control(.cancel, callID: id),
                    .control(.cancel, callID: unknown),
                ])
            ] + Step.alive(&trial)
        )
    }

    /// A call whose time is up before it can be answered, and one that never had any.
    static let shortBudget = Check("short-budget", section: "§4.1") { trial in
        guard let call = trial.anyCall else { return .skip(Self.nothingToCall) }
        let (first, second) = (trial.nextCallID(), trial.nextCallID())
        return .steps(
            [.send([call.message(first, budgetMilliseconds: 1), call.message(second, budgetMilliseconds: 0)])]
                + Step.alive(&trial)
        )
    }

    /// More calls than the welcome allows: each has its reply, be it `overloaded`.
    static let tooManyCalls = Check("too-many-calls", section: "§3.2") { trial in
        guard let call = trial.anyCall else { return .skip(Self.nothingToCall) }
        let calls = [TrialCall](repeating: call, count: PlayedDispatcher.inFlightMax * 4)
        return .steps(TrialCall.steps(calls, atOnce: calls.count, in: &trial) + Step.alive(&trial))
    }

    static let nothingToCall = "the module registered nothing that can be called"
}
