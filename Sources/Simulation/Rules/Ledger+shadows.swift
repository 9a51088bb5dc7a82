import Callbacks
import MessageBus
import WireProtocol

// MARK: Modules that are asked beside the chains

extension Ledger {
    /// Whether a call concerns a module in shadow, which is there for it.
    private func concerns(_ module: Int, _ index: Int, _ call: LedgerCall) -> Bool {
        guard self.callbacks[index].isForShadows, !self.disabled.contains(module), let known = self.known[module],
            known.callbacks[index] != nil
        else { return false }
        return known.filters[index]?.matches(call.arguments) ?? true
    }

    /// A call that a module in shadow gets: with the caller's arguments, once, when the call has come, and only if it concerns it.
    mutating func sentToShadow(_ envelope: Envelope, _ step: LedgerStep, _ call: inout LedgerCall, _ index: Int) {
        let name = self.modules[step.module]
        guard self.input.message(.call)?.envelope.header.callID == call.callID else {
            return self.report(.shadow, "\(name) is asked about #\(call.token) after that has come")
        }
        guard self.concerns(step.module, index, call) else {
            return self.report(.shadow, "\(name) is asked about #\(call.token), which does not concern it")
        }
        guard call.shadows.insert(step.module).inserted else {
            return self.report(.atMostOnce, "\(name) in shadow is asked about #\(call.token) twice")
        }
        if envelope.body != call.arguments.body {
            self.report(.shadow, "\(name) is asked about something else than #\(call.token)")
        }
        var step = step
        step.isShadow = true
        step.token = nil
        self.steps[envelope.header.callID] = step
    }

    /// Every module in shadow that a call concerns, and that has room, has been asked.
    mutating func checkShadows(_ call: LedgerCall, _ index: Int) {
        for module in self.terms.shadows where !call.shadows.contains(module) && call.deadline > self.now {
            guard self.concerns(module, index, call) else { continue }
            let right = self.replicas(module, index, self.after, call).contains { self.hadRoom($0, index) }
            guard right else { continue }
            self.report(.shadow, "\(self.modules[module]) in shadow was not asked about #\(call.token)")
        }
    }
}
