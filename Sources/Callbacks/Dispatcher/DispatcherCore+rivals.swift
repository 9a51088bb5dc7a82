import MessageBus
import WireProtocol

// MARK: What not all can have

/// Of modules that want what not all can have, those have it that stand first in the configuration, whoever came first.
///
/// A module that is refused for this is asked to come again when nothing stands in its way any more, so that the table depends on
/// nothing but the configuration and on who is there.
extension DispatcherCore {
    private static let reminderInterval = Duration.milliseconds(100)

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
        let reasons = self.rivals(of: module, manifest)
        guard !reasons.isEmpty else { return false }
        self.peers[place].contested = manifest
        self.refuse(place, module: module, reasons, at: now, into: &actions)
        return true
    }

    /// Reasons to refuse a module because those before it have what it wants.
    private func rivals(of module: Int, _ manifest: Manifest) -> [Remark] {
        guard !self.configuration.modules[module].isShadow else { return [] }
        let check = RivalCheck(manifest, self.configuration.catalogue)
        guard !check.isEmpty else { return [] }
        return (0..<module).flatMap { earlier -> [Remark] in
            // Whoever is asked beside the chains takes nothing from those in them.
            guard let known = self.modules[earlier].known, !self.configuration.modules[earlier].isShadow else {
                return []
            }
            return check.reasons(with: known, because: self.configuration.modules[earlier].id)
        }
    }

    /// Withdraws what modules further down have registered, so that it does not matter who came first.
    mutating func withdrawRivals(
        of module: Int,
        _ manifest: Manifest,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard !self.configuration.modules[module].isShadow else { return }
        let check = RivalCheck(manifest, self.configuration.catalogue)
        guard !check.isEmpty else { return }
        let name = self.configuration.modules[module].id
        for rival in self.modules.indices.dropFirst(module + 1) where !self.configuration.modules[rival].isShadow {
            guard let known = self.modules[rival].known else { continue }
            let reasons = check.reasons(with: known, refusesOther: true, because: name)
            guard !reasons.isEmpty else { continue }
            self.modules[rival].known = nil
            self.modules[rival].reasons = reasons
            // Those that have not registered yet are told when they do: a refusal of nothing would cross their registration.
            for place in self.modules[rival].replicas where self.hasRegistered(place) {
                self.peers[place].contested = self.peers[place].manifest
                self.refuse(place, module: rival, reasons, at: now, into: &actions)
            }
        }
    }

    /// Asks those to come again who were refused for what nobody before them has any more.
    mutating func reconsiderRivals(at now: MonotonicTime, into actions: inout [RouterAction]) {
        for place in self.peers.places {
            guard let contested = self.peers[place].contested, let module = self.peers[place].module,
                self.rivals(of: module, contested).isEmpty
            else {
                continue
            }
            // Until it says hello: it may take nothing just now.
            if let asked = self.peers[place].lastAsked, now < asked + Self.reminderInterval { continue }
            self.peers[place].lastAsked = now
            self.send(Header(kind: .whoAreYou), to: place, at: now, into: &actions)
        }
    }
}
