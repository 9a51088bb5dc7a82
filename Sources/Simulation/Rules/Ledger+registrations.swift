import Callbacks
import MessageBus
import WireProtocol

/// What a manifest claims, as far as the rules need it.
struct LedgerClaims: Equatable {
    /// By the callbacks' places in the catalogue how many calls at a time.
    var callbacks: [Int: Int] = [:]
    /// The callbacks whose answers depend on the arguments only.
    var pure: Set<Int> = []
    /// Which calls concern it, where not all do.
    var filters: [Int: VirtualFilter] = [:]
    /// The keys that it answers, each with its fields.
    var keys: [Int: [String: [String]]] = [:]
    /// How many calls at a time in all; nil for as many as may be.
    var concurrency: Int?
    var methods: Set<String> = []

    init(_ manifest: Manifest) {
        for claim in manifest.callbacks {
            guard let index = VirtualCallback.all.firstIndex(where: { $0.name == claim.name }) else { continue }
            self.callbacks[index] = claim.concurrency
            if claim.isPure { self.pure.insert(index) }
            self.filters[index] = claim.filter.map(VirtualFilter.init)
            if VirtualCallback.all[index].isKeyed {
                self.keys[index] = Dictionary(claim.keys.map { ($0.key, $0.fields) }) { first, _ in first }
            }
        }
        self.concurrency = manifest.concurrency
        self.methods = Set(manifest.methods.map(\.name))
    }

    mutating func formUnion(_ other: LedgerClaims) {
        // Pure is what every replica says of those that have it.
        let unsure = self.pure.symmetricDifference(other.pure)
            .filter { self.callbacks[$0] != nil && other.callbacks[$0] != nil }
        self.pure = self.pure.union(other.pure).subtracting(unsure)
        for index in Set(self.filters.keys).union(other.filters.keys) {
            // What concerns one of those that have it concerns the module.
            guard self.callbacks[index] != nil, other.callbacks[index] != nil else {
                self.filters[index] = self.filters[index] ?? other.filters[index]
                continue
            }
            let (own, others) = (self.filters[index], other.filters[index])
            self.filters[index] = own.flatMap { own in others.map { own == $0 ? own : own.united(with: $0) } }
        }
        // A key is the module's when all who have the callback answer it.
        self.keys.merge(other.keys) { own, others in own.filter { others[$0.key] == $0.value } }
        self.callbacks.merge(other.callbacks) { first, _ in first }
        self.methods.formUnion(other.methods)
    }

    /// Whether both cannot be registered: they have what one module may have at most, or do not agree on a key's fields.
    func contests(_ other: LedgerClaims) -> Bool {
        self.callbacks.keys.contains { index in
            guard other.callbacks[index] != nil else { return false }
            guard !VirtualCallback.all[index].isAtMostOneModule else { return true }
            guard let own = self.keys[index], let others = other.keys[index] else { return false }
            return own.contains { key, fields in others[key].map { $0 != fields } ?? false }
        }
    }
}

/// What a connection has said of itself.
struct LedgerRegistration {
    /// Nil for a host.
    var module: Int?
    var incarnation: String
    /// As it was sent; nil until it has registered.
    var manifest: Payload?
    var claims: LedgerClaims?
    var isReady = false
    var isDraining = false
    var isWithdrawn = false
    /// Whether it has said that it takes no calls.
    var isResting = false
    var lastHeard: MonotonicTime

    /// Whether it has registered and does not say that it is about to go.
    var isStaying: Bool { self.claims != nil && !self.isDraining }
}

extension Ledger {
    /// The chain of a callback: everybody who has registered it, in the order of the configuration.
    func members(_ callback: Int) -> [Int] {
        let members = self.modules.indices.filter { module in
            self.known[module]?.callbacks[callback] != nil && !self.disabled.contains(module)
                && !self.terms.shadows.contains(module)
        }
        guard self.callbacks[callback].isAtMostOneModule else { return members }
        // Of several the one that takes part: the others have disabled themselves.
        return Array((members.filter { !self.resting.contains($0) } + members).prefix(1))
    }

    /// A module that stands before another one, and in its way.
    private func rival(of module: Int, _ claims: LedgerClaims) -> Int? {
        guard !self.terms.shadows.contains(module) else { return nil }
        return (0..<module).first { earlier in
            !self.terms.shadows.contains(earlier) && !self.disabled.contains(earlier)
                && !self.resting.contains(earlier)
                && self.known[earlier].map(claims.contests) == true
        }
    }

    // MARK: What peers say

    mutating func welcomed(_ peer: PeerID) {
        guard let (envelope, sender) = self.input.message(.hello), sender == peer,
            let hello = try? Hello(decoding: envelope.body)
        else { return self.report(.registration, "\(peer) is welcome and has not said hello") }
        let module = hello.role == .module ? self.modules.firstIndex(of: hello.id) : nil
        self.tables.epochs[peer] = nil
        self.tables.refusing.remove(peer)
        self.registrations[peer] = LedgerRegistration(
            module: module,
            incarnation: hello.incarnation,
            lastHeard: self.now
        )
    }

    mutating func registered(_ peer: PeerID) {
        guard let (envelope, sender) = self.input.message(.register), sender == peer,
            let claims = self.claims(in: envelope.body), let module = self.registrations[peer]?.module
        else { return self.report(.registration, "\(peer) is registered and has not asked for it") }
        self.registrations[peer]?.manifest = envelope.body
        self.registrations[peer]?.claims = claims
        self.registrations[peer]?.isWithdrawn = false
        self.isTableOld = true
        if let owner = self.rival(of: module, claims) {
            self.report(.registration, "\(self.modules[module]) has what only \(self.modules[owner]) may have")
        }
    }

    private mutating func claims(in body: Payload) -> LedgerClaims? {
        if let known = self.readClaims.first(where: { $0.body == body }) { return known.claims }
        guard let manifest = try? Manifest(decoding: body) else { return nil }
        let claims = LedgerClaims(manifest)
        self.readClaims.append((body, claims))
        return claims
    }

    /// Of what not all may have, the first in the configuration has it that takes part.
    private mutating func withdrawRivals(_ module: Int) {
        guard let known = self.known[module] else { return }
        let staying = self.registrations.filter { $0.value.module == module && $0.value.isStaying }
        guard !staying.isEmpty else {
            if self.rival(of: module, known) != nil { self.known[module] = nil }
            return
        }
        let losers = staying.filter { $0.value.claims.map { self.rival(of: module, $0) != nil } ?? false }
        guard !losers.isEmpty else { return }
        for peer in losers.keys {
            self.registrations[peer]?.isWithdrawn = true
            self.registrations[peer]?.isReady = false
            self.registrations[peer]?.claims = nil
        }
        if losers.count == staying.count { self.known[module] = nil } else { self.refreshKnown(module) }
    }

    mutating func refused(_ peer: PeerID) {
        // A second registration is refused too, and changes nothing.
        guard self.input.message(.register)?.peer != peer else { return }
        self.refusals.append(peer)
    }

    mutating func noteWords() {
        guard case .receive(let envelope, let peer) = self.input, let registration = self.registrations[peer] else {
            return
        }
        self.registrations[peer]?.lastHeard = self.now
        switch envelope.header.kind {
        case .ready:
            self.registrations[peer]?.isReady = registration.module == nil || registration.claims != nil
            self.noteRest(envelope, of: peer)
        case .drain where registration.claims != nil || registration.isReady:
            self.registrations[peer]?.isDraining = true
            self.isTableOld = true
        default: break
        }
    }

    /// Whoever says that it is ready says whether it takes calls.
    private mutating func noteRest(_ ready: Envelope, of peer: PeerID) {
        guard let registration = self.registrations[peer], registration.module != nil, registration.isStaying else {
            return
        }
        let isResting = (try? Readiness(ofReady: ready.body))?.disabledBecause != nil
        guard isResting != registration.isResting else { return }
        self.registrations[peer]?.isResting = isResting
        self.isTableOld = true
    }

    /// A process that takes calls for the first time begins with closed circuits.
    mutating func renewCircuits(for peer: PeerID) {
        guard let registration = self.registrations[peer], let module = registration.module, registration.isStaying,
            !registration.isReady, !self.judged[module].contains(registration.incarnation)
        else { return }
        let present = self.registrations.values.filter { $0.module == module }.map(\.incarnation)
        self.judged[module].formIntersection(present)
        self.judged[module].insert(registration.incarnation)
        for index in self.callbacks.indices { self.circuits[self.row(module, index)].renew(at: self.now) }
    }

    // MARK: What the dispatcher makes of it

    mutating func checkRegistrations(_ actions: [RouterAction]) {
        if self.isTableOld { self.refreshKnown() }
        for peer in self.refusals where self.registrations[peer]?.claims != nil {
            self.report(.registration, "\(peer) has registered and is refused, and no other wants what it has")
        }
        for entry in self.after.entries where !entry.isStranger { self.check(entry) }
        let known = self.registrations.keys.count
        let present = self.after.entries.count { !$0.isStranger }
        if known != present {
            self.report(.registration, "\(present) peers are in the books, and \(known) have said hello")
        }
        if self.after.entries.count != self.after.connections {
            self.report(
                .registration,
                "\(self.after.entries.count) connections and \(self.after.connections) names of them"
            )
        }
        self.checkEpoch(actions)
    }

    private mutating func check(_ entry: DispatcherBooks.Entry) {
        guard let registration = self.registrations[entry.peer] else {
            return self.report(.registration, "\(entry.peer) is in the books and has not said hello")
        }
        guard registration.module == entry.module, registration.incarnation == entry.incarnation else {
            return self.report(.registration, "\(entry.peer) is not who it said")
        }
        if entry.module != nil {
            let twins = self.after.entries.count { $0.module == entry.module && $0.incarnation == entry.incarnation }
            if twins != 1 { self.report(.registration, "\(entry.incarnation) is there \(twins) times") }
        }
        let mayServe = registration.isReady && !registration.isDraining && !registration.isWithdrawn
        switch entry.state {
        case .ready, .unresponsive, .disabledItself:
            if !mayServe { self.report(.registration, "\(entry.peer) is \(entry.state) and has not said so") }
            guard entry.state != .unresponsive, (entry.state == .disabledItself) != registration.isResting else {
                break
            }
            self.report(.registration, "\(entry.peer) is \(entry.state), whatever it says")
        case .registered, .draining:
            if entry.module != nil, registration.claims == nil {
                self.report(.registration, "\(entry.peer) is \(entry.state) with nothing")
            }
        default: break
        }
        if mayServe, ![.ready, .unresponsive, .disabledItself].contains(entry.state) {
            self.report(.registration, "\(entry.peer) said it is ready and is \(entry.state)")
        }
    }

    /// Whoever leaves without a word of its own or of its connection has been silent for long.
    mutating func checkLeaver(_ peer: PeerID) {
        guard case .advance = self.input, let registration = self.registrations[peer] else { return }
        if self.now.millisecondsSince(registration.lastHeard) < 1000, self.now > self.asleepUntil {
            self.report(.registration, "\(peer) was given up though it has just spoken")
        }
    }

    /// For each module the union of what its replicas have that stay; of one that is away or about to go, what the last of them had.
    private mutating func refreshKnown() {
        self.isTableOld = false
        for module in self.modules.indices {
            self.refreshKnown(module)
            self.withdrawRivals(module)
        }
        for callback in self.callbacks.indices {
            let right = self.members(callback)
            self.rightChains[callback] = right
            if self.core(callback) != right {
                self.report(
                    .table,
                    "\(self.callbacks[callback].name) goes through \(self.core(callback)) and not \(right)"
                )
            }
        }
    }

    private mutating func refreshKnown(_ module: Int) {
        var union: LedgerClaims?
        let staying = self.registrations.values.filter { $0.module == module && $0.isStaying }
        for claims in staying.compactMap(\.claims) {
            union?.formUnion(claims)
            union = union ?? claims
        }
        if let union { self.known[module] = union }
        if !staying.isEmpty {
            if staying.allSatisfy(\.isResting) { self.resting.insert(module) } else { self.resting.remove(module) }
        }
        if staying.count == 1 { self.manifests[module] = staying[0].manifest }
    }

    private func core(_ callback: Int) -> [Int] { self.chains[callback] }

    private mutating func checkEpoch(_ actions: [RouterAction]) {
        let epoch = self.after.epoch
        let up = self.after.entries.filter { $0.state == .ready }.compactMap(\.module)
        let face = TableFace(
            chains: self.rightChains,
            methods: self.known.map { $0?.methods },
            up: Set(up).subtracting(self.disabled),
            disabled: self.disabled
        )
        if epoch < self.before.epoch { self.report(.epoch, "epoch \(self.before.epoch) became \(epoch)") }
        if let last = self.face, last != face, epoch == self.before.epoch {
            self.report(.epoch, "the table changed within epoch \(epoch)")
        }
        self.face = face
        self.checkTables(actions)
    }
}

/// What of a table everybody can see change.
struct TableFace: Equatable {
    /// Who is asked, which is not everybody who has registered it where one may have it at most.
    var chains: [[Int]]
    /// Nil for modules that have not registered.
    var methods: [Set<String>?]
    var up: Set<Int>
    var disabled: Set<Int>
}
