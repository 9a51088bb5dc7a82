import MessageBus
import WireProtocol

// MARK: Required modules

extension DispatcherCore {
    /// Finds for each required callback the first module without which it is not to be decided now.
    ///
    /// A dispatcher that has just started knows nobody. Whoever asks then must not hear that nobody is there: until every module that may
    /// register the callback has done so, or the time that they are given is over, the answer is that it has to come again.
    mutating func refreshGates(at now: MonotonicTime) {
        guard !self.requiredCallbacks.isEmpty else { return }
        let isSettling = now < self.settled
        for callback in self.requiredCallbacks {
            let missing =
                self.requiredModules[callback, default: []].first { self.isMissing($0, from: callback) }
                ?? (isSettling ? self.modules.indices.first { self.isAwaited($0, for: callback) } : nil)
            self.gates[callback] = missing ?? -1
        }
        if isSettling { self.sweep(by: self.settled) }
    }

    private func isMissing(_ module: Int, from callback: Int) -> Bool {
        guard self.switches[module] == nil else { return false }
        let isUp = self.modules[module].replicas.contains { self.peers[$0].isUp }
        return !isUp || !self.isRegistrant(module, of: callback)
    }

    private func isAwaited(_ module: Int, for callback: Int) -> Bool {
        let known = self.configuration.modules[module]
        guard !known.isService, !known.isShadow, self.switches[module] == nil, self.modules[module].known == nil
        else { return false }
        return known.allows(self.plans[callback].declaration)
    }

    /// Why a required callback is not decided now; nil when it can be.
    func reasonToWait(_ callback: Int) -> String? {
        let module = self.gates[callback]
        guard module >= 0 else { return nil }
        let name = self.configuration.modules[module].id
        let what = self.modules[module].known == nil ? "has not registered yet" : "is not up, or has not registered it"
        return "\(self.plans[callback].declaration.path) is required, and module '\(name)' \(what)"
    }
}
