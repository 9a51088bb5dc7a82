import MessageBus
import WireProtocol

// MARK: What not all can have

/// Of modules that want what not all can have, those have it that stand first in the configuration, whoever came first.
///
/// It is decided anew whenever a registration comes, goes or changes, from the first module to the last: whoever stands in the way of nobody before it has
/// what it registered. A module that is refused for this is asked to come again when nothing stands in its way any more, so that the table depends on
/// nothing but the configuration, on who is there, and on whom an operator has taken out.
extension DispatcherCore {
    private static let reminderInterval = Duration.milliseconds(100)

    /// Whether a module is in the way of those after it: one that is away is, for it may be back in seconds, and one that takes no calls on purpose is not.
    private func holds(_ module: Int) -> Bool {
        // Whoever is asked beside the chains takes nothing from those in them.
        !self.configuration.modules[module].isShadow && self.switches[module] == nil
            && !self.modules[module].hasDisabledItself
    }

    /// Finds out what of a manifest others could contest.
    mutating func noteRivalry(of module: Int, at place: Int, _ manifest: Manifest) {
        let check = RivalCheck(manifest, self.configuration.catalogue)
        self.peers[place].rivalry = check
        guard !check.isEmpty, !self.contestants.contains(module) else { return }
        self.contestants.insert(module, at: self.contestants.firstIndex { $0 > module } ?? self.contestants.endIndex)
    }

    /// Refuses a module if one before it has what it wants.
    ///
    /// - Returns: Whether it was refused.
    mutating func refuseRival(
        _ place: Int,
        _ module: Int,
        _ manifest: Manifest,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        let reasons = self.rivals(of: module, self.peers[place].rivalry)
        guard !reasons.isEmpty else { return false }
        self.peers[place].contested = manifest
        self.refuse(place, module: module, reasons, at: now, into: &actions)
        return true
    }

    /// Reasons to refuse a module because those before it have what it wants.
    private func rivals(of module: Int, _ check: RivalCheck) -> [Remark] {
        guard !check.isEmpty, !self.configuration.modules[module].isShadow else { return [] }
        return self.contestants.prefix { $0 < module }.flatMap { earlier -> [Remark] in
            guard let known = self.modules[earlier].known, self.holds(earlier) else { return [] }
            return check.reasons(with: known, of: self.configuration.modules[earlier].id)
        }
    }

    /// Withdraws what modules have registered that those before them have, or have again.
    mutating func withdrawRivals(at now: MonotonicTime, into actions: inout [RouterAction]) {
        for module in self.contestants where self.modules[module].known != nil {
            if self.modules[module].replicas.contains(where: self.stays) {
                self.withdrawReplicas(of: module, at: now, into: &actions)
            } else {
                self.withdrawAbsent(module)
            }
        }
    }

    private mutating func withdrawReplicas(of module: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        var isAnyWithdrawn = false
        // Those that have not registered yet are told when they do: a refusal of nothing would cross their registration.
        for place in self.modules[module].replicas where !self.peers[place].rivalry.isEmpty && self.stays(place) {
            let reasons = self.rivals(of: module, self.peers[place].rivalry)
            guard !reasons.isEmpty else { continue }
            self.peers[place].contested = self.peers[place].manifest
            self.refuse(place, module: module, reasons, at: now, into: &actions)
            isAnyWithdrawn = true
        }
        guard isAnyWithdrawn else { return }
        if !self.modules[module].replicas.contains(where: self.stays) { self.modules[module].known = nil }
        self.refreshKnown(module)
    }

    private mutating func withdrawAbsent(_ module: Int) {
        guard let known = self.modules[module].known else { return }
        let check = self.modules[module].rivalry ?? RivalCheck(known, self.configuration.catalogue)
        self.modules[module].rivalry = check
        let reasons = self.rivals(of: module, check)
        guard !reasons.isEmpty else { return }
        self.modules[module].known = nil
        self.modules[module].reasons = reasons
    }

    /// Asks those to come again who were refused for what nobody before them has any more.
    mutating func reconsiderRivals(at now: MonotonicTime, into actions: inout [RouterAction]) {
        for module in self.contestants {
            for place in self.modules[module].replicas where self.peers[place].contested != nil {
                self.reconsider(place, of: module, at: now, into: &actions)
            }
        }
    }

    private mutating func reconsider(
        _ place: Int,
        of module: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard self.rivals(of: module, self.peers[place].rivalry).isEmpty else { return }
        // Until it says hello: it may take nothing just now.
        if let asked = self.peers[place].lastAsked, now < asked + Self.reminderInterval { return }
        self.peers[place].lastAsked = now
        self.send(Header(kind: .whoAreYou), to: place, at: now, into: &actions)
    }
}
