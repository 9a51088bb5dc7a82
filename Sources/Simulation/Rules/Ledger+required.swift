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
        guard let key = arguments.who?.string, let fields = self.known[module]?.keys[index]?[key] else { return false }
        // Those count who take part, where not all agree.
        let others = self.members(index).filter { self.known[$0]?.keys[index]?[key] != nil }
        let first = others.first { !self.resting.contains($0) } ?? others.first
        return first.map { self.known[$0]?.keys[index]?[key] == fields } ?? true
    }

    /// Takes an operator's word that has been answered.
    mutating func turned(_ module: Int, on isOn: Bool) {
        if isOn {
            self.disabled.remove(module)
            // An operator's word goes before its own, until it speaks again.
            self.resting.remove(module)
            for (peer, registration) in self.registrations where registration.module == module {
                self.registrations[peer]?.isResting = false
            }
        } else {
            self.disabled.insert(module)
        }
        self.isTableOld = true
    }
}
