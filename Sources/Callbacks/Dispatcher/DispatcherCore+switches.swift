import Logging
import MessageBus
import WireProtocol

// MARK: Breaking the glass

extension DispatcherCore {
    /// Takes out what the configuration disables.
    mutating func disableByConfiguration(at now: MonotonicTime) {
        for module in self.configuration.modules.indices where !self.configuration.modules[module].isEnabled {
            let reason = "the configuration says `enabled: false`"
            self.switches.disable(module, self.disabling(by: "configuration", reason, at: now))
        }
    }

    private func disabling(by: String, _ reason: String, at now: MonotonicTime) -> ModuleSwitches.Disabling {
        let calls = self.plans.indices.map { self.outcomes[$0].calls }
        return .init(by: by, reason: reason, since: now, callsBefore: calls)
    }

    /// Answers an operator who takes a module out of everything, or back in.
    ///
    /// It needs no module's consent and no module's answer: whoever is locked out by one gets in again by this.
    mutating func turn(
        on isOn: Bool,
        _ envelope: Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let callID = envelope.header.callID
        let request: SwitchRequest
        do {
            request = try SwitchRequest(envelope.body)
        } catch {
            let fault = BusFault(.badRequest, "expected `module`, and who does it `by` and the `reason`: \(error)")
            return self.reject(callID, of: place, fault, at: now, into: &actions)
        }
        guard let module = self.moduleIndices[request.module], !self.configuration.modules[module].isService else {
            let names = self.configuration.modules.filter { !$0.isService }.map(\.id)
            let nearest = Spelling.nearest(to: request.module, among: names).first
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
            let fault = BusFault(.notFound, "there is no module '\(request.module)'\(hint)")
            return self.reject(callID, of: place, fault, at: now, into: &actions)
        }
        if isOn {
            self.switches.enable(module)
            self.enableReplicas(of: module, at: now)
        } else {
            self.switches.disable(module, self.disabling(by: request.by, request.reason, at: now))
        }
        actions.append(
            .log(
                .warning,
                isOn ? "module enabled by an operator" : "module disabled by an operator",
                ["module.id": "\(request.module)", "by": "\(request.by)", "reason": "\(request.reason)"]
            )
        )
        self.withdrawRivals(at: now, into: &actions)
        self.refreshTable(at: now, into: &actions)
        self.reconsiderRivals(at: now, into: &actions)
        let body: JSONValue = [
            "module": .string(request.module), "disabled": self.disabledJSON(module, at: now),
            "epoch": .integer(Int64(clamping: self.epoch)),
        ]
        let header = Header(kind: .reply, flags: MessageFlags(.answer), callID: callID, epoch: self.epoch)
        self.send(header, body: body.encoded(), to: place, at: now, into: &actions)
    }

    /// Whether a chain that nobody is in has somebody who was taken out: then it is as if all had no opinion.
    func isBypassed(_ callback: Int, _ chain: Int) -> Bool {
        guard self.switches.isAnyDisabled else { return false }
        let registrants = self.modules.indices.filter { module in
            self.switches[module] != nil && !self.configuration.modules[module].isShadow
                && self.isRegistrant(module, of: callback)
        }
        guard !registrants.isEmpty, let argument = self.plans[callback].keyArgument else { return !registrants.isEmpty }
        let arguments = try? JSONValue(parsing: self.chains[chain].body)
        guard let key = arguments?[argument]?.string else { return false }
        let path = self.plans[callback].declaration.path
        return registrants.contains { module in
            self.modules[module].known?.callbacks.contains { claim in
                claim.path == path && claim.keys.contains { $0.key == key }
            } ?? false
        }
    }

    func isRegistrant(_ module: Int, of callback: Int) -> Bool {
        let path = self.plans[callback].declaration.path
        return self.modules[module].known?.callbacks.contains { $0.path == path } ?? false
    }

    /// Shows in an explanation who was not asked because an operator took it out.
    mutating func traceDisabled(_ chain: Int, _ callback: Int) {
        guard self.switches.isAnyDisabled else { return }
        for module in self.modules.indices where self.switches[module] != nil && self.isRegistrant(module, of: callback)
        {
            self.trace(chain, StepRecord(.disabled, module: module))
        }
    }

    /// Who took a module out, when, why, and how many calls went past it since; null while it takes part.
    func disabledJSON(_ module: Int, at now: MonotonicTime) -> JSONValue {
        guard let disabling = self.switches[module] else { return .null }
        var bypassed = JSONObject()
        for callback in self.plans.indices where self.isRegistrant(module, of: callback) {
            let calls = self.outcomes[callback].calls - disabling.callsBefore[callback]
            bypassed[self.plans[callback].declaration.path] = .integer(Int64(calls))
        }
        return [
            "by": .string(disabling.by), "reason": .string(disabling.reason),
            "since_ms": .integer(Int64(now.millisecondsSince(disabling.since))), "bypassed": .object(bypassed),
        ]
    }
}
