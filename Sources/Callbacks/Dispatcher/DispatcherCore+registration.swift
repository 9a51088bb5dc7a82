import Logging
import MessageBus
import WireProtocol

extension DispatcherCore {
    /// How many reasons of a refusal a log line has; the peer and the operator are told all.
    private static let loggedReasonsMax = 16

    mutating func register(_ body: Payload, from place: Int, at now: MonotonicTime, into actions: inout [RouterAction])
    {
        guard let module = self.peers[place].module else {
            return self.refuseHost(place, at: now, into: &actions)
        }
        guard [.starting, .refused].contains(self.peers[place].state) else {
            let reason = Remark(code: "registration_closed", message: "this connection has registered already")
            let refusal = Refusal(reasons: [reason]).encoded()
            return self.send(Header(kind: .refused), body: refusal, to: place, at: now, into: &actions)
        }
        let manifest: Manifest
        do {
            manifest = try Manifest(decoding: body)
        } catch {
            let reason = Remark(code: "malformed", message: "REGISTER: \(error.message)")
            self.refuse(place, module: module, [reason], at: now, into: &actions)
            return self.malformed(place, at: now, into: &actions)
        }
        let check = ManifestCheck(configuration: self.configuration, module: self.configuration.modules[module])
        let reasons =
            check.reasons(against: manifest) + self.excess(of: module, with: manifest, at: place)
        guard reasons.isEmpty else {
            return self.refuse(place, module: module, reasons, at: now, into: &actions)
        }
        self.noteRivalry(of: module, at: place, manifest)
        guard !self.refuseRival(place, module, manifest, at: now, into: &actions) else { return }
        self.accept(place, module: module, manifest, at: now, into: &actions)
    }

    private mutating func accept(
        _ place: Int,
        module: Int,
        _ manifest: Manifest,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let count = self.configuration.catalogue.callbacks.count
        var concurrency = [UInt16](repeating: 0, count: count)
        var filters: [Int: ArgumentFilter] = [:]
        for claim in manifest.callbacks {
            guard let callback = self.configuration.catalogue.index(of: claim.path) else { continue }
            concurrency[callback] = UInt16(clamping: claim.concurrency)
            filters[callback] = claim.filter.flatMap { try? ArgumentFilter(json: $0) }
        }
        self.peers[place].filters = filters
        self.peers[place].manifest = manifest
        self.peers[place].contested = nil
        self.peers[place].concurrency = concurrency
        self.peers[place].concurrencyMax = min(
            manifest.concurrency ?? self.configuration.inFlightMax,
            self.configuration.inFlightMax
        )
        // A replica that registers again after it was withdrawn may still have calls of before: their books go on.
        if self.peers[place].running.count != count {
            self.peers[place].running = [UInt16](repeating: 0, count: count)
        }
        self.peers[place].state = .registered
        self.peers[place].since = now
        self.modules[module].reasons = []
        self.refreshKnown(module)
        self.withdrawRivals(at: now, into: &actions)
        self.refreshTable(at: now, into: &actions)
        var grant = self.table.grant(to: module, manifest, epoch: self.epoch, self.configuration)
        grant.warnings += self.requirementWarnings(of: module, manifest)
        self.send(
            Header(kind: .registered, epoch: self.epoch),
            body: grant.encoded(),
            to: place,
            at: now,
            into: &actions
        )
        self.log(.info, "module registered", place, ["module.epoch": "\(self.epoch)"], into: &actions)
        self.reconsiderRivals(at: now, into: &actions)
    }

    private mutating func refuseHost(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        let reason = Remark(code: "malformed", message: "only modules register; this peer said hello as a host")
        self.send(
            Header(kind: .refused),
            body: Refusal(reasons: [reason]).encoded(),
            to: place,
            at: now,
            into: &actions
        )
        self.malformed(place, at: now, into: &actions)
    }

    /// Refuses a peer and keeps the reasons for the operator.
    mutating func refuse(
        _ place: Int,
        module: Int?,
        _ reasons: [Remark],
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if self.peers[place].refusal != reasons {
            let texts = reasons.prefix(Self.loggedReasonsMax).map {
                Logger.MetadataValue.string("\($0.item) \($0.code): \($0.message)")
            }
            self.log(.error, "peer refused", place, ["reasons": .array(texts)], into: &actions)
        }
        self.peers[place].refusal = reasons
        self.tellRefusal(place, at: now, into: &actions)
        guard let module else { return }
        self.modules[module].reasons = reasons
        if self.modules[module].replicas.contains(place) {
            self.peers[place].state = .refused
        } else {
            self.modules[module].absence = .refused
        }
    }
}

extension DispatcherCore {
    /// Tells a peer why it was refused; one that takes no more now is told again, for it would wait for calls for ever.
    mutating func tellRefusal(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.peers[place].isRefusalUntold = false
        let body = Refusal(reasons: self.peers[place].refusal).encoded()
        self.send(Header(kind: .refused), body: body, to: place, at: now, into: &actions)
    }
}

// MARK: Table

extension DispatcherCore {
    /// What the routes of all modules may take of a table, which names the modules too.
    private static let routesSizeMax = WireLimits.tableBodySize - (1 << 20)
    // One that drains is on its way out: what it alone has is nobody's as soon as another replica is there.
    private static let stayingStates: [ModuleState] = [
        .registered, .ready, .waiting, .disabledItself, .unresponsive,
    ]

    /// What a module's replicas have registered, one after the other by incarnation; or what the last of them had that stayed.
    mutating func refreshKnown(_ module: Int) {
        self.refreshStanding(of: module)
        let manifests = self.manifests(of: module)
        guard let union = Manifest.union(of: manifests) else { return }
        self.modules[module].isMixed = manifests.contains { $0 != manifests[0] }
        self.modules[module].known = union
    }

    /// Notes whether a module has disabled itself: when all its replicas have that stay, or had when the last of them went.
    mutating func refreshStanding(of module: Int) {
        var isAnyStaying = false
        for place in self.modules[module].replicas where self.stays(place) {
            isAnyStaying = true
            guard self.peers[place].disabledBecause != nil else {
                self.modules[module].hasDisabledItself = false
                return
            }
        }
        if isAnyStaying { self.modules[module].hasDisabledItself = true }
    }

    func stays(_ place: Int) -> Bool { Self.stayingStates.contains(self.peers[place].state) }

    private func manifests(of module: Int) -> [Manifest] {
        self.modules[module].replicas
            .filter(self.stays)
            .sorted { self.peers[$0].incarnation < self.peers[$1].incarnation }
            .map { self.peers[$0].manifest }
    }

    /// A reason to refuse a manifest whose routes would make the table longer than a host reads.
    ///
    /// Each configured module has an equal share, whatever the others have taken: who comes first decides nothing.
    private func excess(of module: Int, with manifest: Manifest, at place: Int) -> [Remark] {
        let others = self.manifests(of: module)
        guard let union = Manifest.union(of: others + [manifest]) else { return [] }
        let share = Self.routesSizeMax / self.configuration.modules.count
        let size = RoutingTable.size(of: union.routes, of: self.configuration.modules[module].id)
        guard size > share else { return [] }
        let whose = others.isEmpty ? "these routes" : "the routes of this and the other replicas"
        let message =
            "\(whose) take \(size) bytes of the routing table, and each of \(self.configuration.modules.count) modules has \(share); "
            + "register a subtree, or fewer and shorter paths"
        return [Remark(code: "limit", item: "routes", message: message)]
    }

    /// Computes the table anew; a change of its content raises the epoch and goes to every host, now or soon.
    mutating func refreshTable(at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.settleRequirements(at: now, into: &actions)
        self.refreshGates(at: now)
        self.reconsiderWaiting()
        guard self.updateTable() else { return }
        self.epoch += 1
        self.writtenTable = nil
        if self.tablePace.changed(at: now) { self.tellTable(at: now, into: &actions) }
    }

    /// Sends the table to every host.
    mutating func tellTable(at now: MonotonicTime, into actions: inout [RouterAction]) {
        var isAnyTold = false
        for place in self.peers.places where self.peers[place].role == .host && self.peers[place].state != .starting {
            self.sendTable(to: place, at: now, into: &actions)
            isAnyTold = true
        }
        self.tablePace.told(bytes: isAnyTold ? self.tableBody.count : nil, at: now)
    }

    /// Brings the table up to date: by what has changed where only some have come up or gone down, or as a whole.
    ///
    /// - Returns: Whether it says something else than before.
    private mutating func updateTable() -> Bool {
        for module in self.modules.indices where self.modules[module].claims == nil {
            guard let known = self.modules[module].known else { continue }
            self.modules[module].claims = ModuleClaims(known, of: module, self.configuration)
        }
        let isDisabled = self.switches.isDisabled
        // By their places: else all that is known of each module is copied.
        let claims = self.modules.indices.map { self.modules[$0].claims }
        let isResting = self.modules.indices.map { self.modules[$0].hasDisabledItself }
        if isDisabled == self.table.isDisabled, isResting == self.tableRests,
            zip(claims, self.tableClaims).allSatisfy(===)
        {
            let isUp = self.modules.indices.map { !isDisabled[$0] && self.isUp($0) }
            if let hasChanged = self.table.update(isUp: isUp) { return hasChanged }
        }
        self.tableClaims = claims
        self.tableRests = isResting
        let table = self.currentTable
        guard table != self.table else { return false }
        self.table = table
        return true
    }

    /// Whether a replica of a module that has registered can take calls.
    private func isUp(_ module: Int) -> Bool {
        self.modules[module].known != nil && self.modules[module].replicas.contains { self.peers[$0].isUp }
    }

    /// What the table is by the registrations of this moment.
    var currentTable: RoutingTable {
        let registrations = self.modules.indices.map { module in
            self.modules[module].known.map { known in
                RoutingTable.Registration(
                    manifest: known,
                    isUp: self.isUp(module),
                    isResting: self.modules[module].hasDisabledItself,
                    claims: self.modules[module].claims
                )
            }
        }
        return RoutingTable(self.configuration, registrations, isDisabled: self.switches.isDisabled)
    }

    /// The table as hosts get it.
    var tableBody: Payload { self.writtenTable ?? self.table.body(epoch: self.epoch, self.configuration) }

    mutating func sendTable(to place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        let body = self.tableBody
        self.writtenTable = body
        self.peers[place].hasStaleTable = false
        self.send(Header(kind: .table, epoch: self.epoch), body: body, to: place, at: now, into: &actions)
    }
}

extension Manifest {
    /// What several replicas of a module have registered between them; nil without any.
    fileprivate static func union(of manifests: [Manifest]) -> Manifest? {
        guard var union = manifests.first else { return nil }
        // Replicas nearly always agree, and then there is nothing to compare item by item.
        for manifest in manifests.dropFirst() where manifest != union {
            let (routes, paths) = (Set(union.routes), Set(union.callbacks.map(\.path)))
            union.keepPurity(of: manifest)
            union.widenFilters(by: manifest)
            union.routes += manifest.routes.filter { !routes.contains($0) }
            union.callbacks += manifest.callbacks.filter { !paths.contains($0.path) }
            union.methods += manifest.methods.filter { !union.methods.contains($0) }
            union.requires += manifest.requires.filter { !union.requires.contains($0) }
            union.backgroundUpdates += manifest.backgroundUpdates.filter { !union.backgroundUpdates.contains($0) }
            union.keepKeysInCommon(with: manifest)
        }
        return union
    }

    /// What concerns one replica concerns the module.
    private mutating func widenFilters(by other: Manifest) {
        for claim in other.callbacks {
            guard let index = self.callbacks.firstIndex(where: { $0.path == claim.path }),
                let filter = self.callbacks[index].filter, claim.filter != filter
            else { continue }
            self.callbacks[index].filter = claim.filter.map { .array((filter.array ?? [filter]) + ($0.array ?? [$0])) }
        }
    }

    /// What one replica does not call pure, the module has not.
    private mutating func keepPurity(of other: Manifest) {
        let impure = Set(other.callbacks.lazy.filter { !$0.isPure }.map(\.path))
        for index in self.callbacks.indices where impure.contains(self.callbacks[index].path) {
            self.callbacks[index].isPure = false
        }
    }

    /// A call with a key goes to any replica, so that a module has the keys that all its replicas answer.
    private mutating func keepKeysInCommon(with other: Manifest) {
        for index in self.callbacks.indices where !self.callbacks[index].keys.isEmpty {
            guard let claim = other.callbacks.first(where: { $0.path == self.callbacks[index].path }) else { continue }
            self.callbacks[index].keys.removeAll { !claim.keys.contains($0) }
        }
    }
}
