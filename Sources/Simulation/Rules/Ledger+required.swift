import Callbacks
import MessageBus
import WireProtocol

// MARK: Who has to be there

extension Ledger {
    /// Whether a call that comes now is not to be decided, since somebody is missing.
    func isGated(_ index: Int) -> Bool {
        guard let named = self.terms.required[index] else { return false }
        if named.contains(where: { self.isMissing($0, index) }) { return true }
        guard self.now < self.settled else { return false }
        return self.modules.indices.contains { module in
            self.known[module] == nil && !self.disabled.contains(module) && !self.terms.shadows.contains(module)
        }
    }

    private func isMissing(_ module: Int, _ index: Int) -> Bool {
        guard !self.disabled.contains(module) else { return false }
        let isUp = self.before.entries.contains { $0.module == module && $0.state == .ready }
        return !isUp || self.known[module]?.callbacks[index] == nil
    }

    /// Whether nobody is asked only because those who would be were taken out.
    func isBypassed(_ index: Int, _ arguments: VirtualArguments) -> Bool {
        self.disabled.subtracting(self.terms.shadows).contains { module in
            guard !self.callbacks[index].isKeyed else { return self.hasKey(module, index, arguments) }
            return self.known[module]?.callbacks[index] != nil
        }
    }

    func hasKey(_ module: Int, _ index: Int, _ arguments: VirtualArguments) -> Bool {
        guard let key = arguments.who?.string else { return false }
        return self.known[module]?.callbacks[index] != nil && self.known[module]?.keys[index]?[key] != nil
    }

    /// Takes an operator's word that has been answered.
    mutating func turned(_ module: Int, on isOn: Bool) {
        if isOn { self.disabled.remove(module) } else { self.disabled.insert(module) }
        self.isTableOld = true
    }
}
