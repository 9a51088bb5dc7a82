import Callbacks
import MessageBus
import WireProtocol

/// Sees everything that goes in and out of a dispatcher, and holds it against the rules.
///
/// It knows what was said, and derives from that alone who has to be asked, told and answered. Of the dispatcher's own books it takes who is
/// ready, because silence and its end are no messages, and compares the rest.
struct Ledger {
    struct CallKey: Hashable {
        var peer: PeerID
        var callID: UInt64
    }

    let terms: Terms
    let callbacks = VirtualCallback.all
    var modules: [String] { self.terms.modules }
    var inFlightMax: Int { self.terms.inFlightMax }
    /// The first thing that was not as it has to be.
    private(set) var violation: Violation?

    /// The calls that the dispatcher owes a reply, by the number that their arguments carry.
    var calls: [Int: LedgerCall] = [:]
    var keys: [CallKey: Int] = [:]
    /// The calls to modules that are under way, by the dispatcher's ids.
    var steps: [UInt64: LedgerStep] = [:]
    var scopes: [String: LedgerScope] = [:]
    var registrations: [PeerID: LedgerRegistration] = [:]
    /// For each module what its replicas registered, or the last of them did.
    var known: [LedgerClaims?]
    /// For each module the manifest, as it was sent, of the last replica that was alone.
    var manifests: [Payload?]
    /// What manifests claim, by what was sent: the same are registered again and again.
    var readClaims: [(body: Payload, claims: LedgerClaims)] = []
    var isTableOld = false
    /// The modules that an operator has taken out.
    var disabled: Set<Int> = []
    /// The modules that have disabled themselves, or had when the last of them went.
    var resting: Set<Int> = []
    /// Until when a dispatcher that has just started waits for modules that have not come.
    var settled = MonotonicTime(nanoseconds: 0)
    /// By module and callback.
    var circuits: [VirtualCircuit]
    /// For each module the processes whose calls they count.
    var judged: [Set<String>]
    /// For each callback how many calls may be made again, in hundredths.
    var budgets: [Int] = []
    var callCount = 0
    /// Who waits, and who did after the last input.
    var waiting: Set<Place> = []
    var waited: Set<Place> = []
    /// What hosts could see of the table after the last input.
    var face: TableFace?
    var tables = LedgerTables()
    /// The chains as they have to be by what was registered.
    var rightChains: [[Int]]
    /// The chains as the dispatcher has them.
    var chains: [[Int]] = []
    var conduct = Conduct()
    /// How many verdicts were held against the reference, and how many were too close to call.
    var verdicts = 0
    var ambiguous = 0

    // The input at hand.
    var now = MonotonicTime(nanoseconds: 0)
    var input = DispatcherInput.advance
    var before = DispatcherBooks()
    var after = DispatcherBooks()
    /// What the circuits were before the failures that the input brought, by their places.
    var circuitsBefore: [Int: VirtualCircuit] = [:]
    /// The calls that were given up as if a trial came after them, with where their circuits are.
    var unseenTrials: [(token: Int, row: Int)] = []
    /// The calls that are over without a reply.
    var dropped: [Int] = []
    /// The calls for which a module was asked.
    var asked: [Int] = []
    /// The calls of which somebody waits who did not.
    var newWaiters: [Int] = []
    /// The calls whose turn in their lane has come, and that wait for room now, with where their circuits are.
    var turns: [(token: Int, row: Int)] = []
    /// The calls to modules that have failed and may be made again.
    var failed: [LedgerStep] = []
    /// The calls that have been answered.
    var closed: [Int: LedgerCall] = [:]
    /// The steps of calls that are decided without them: they have to be cancelled.
    var leftovers: Set<UInt64> = []
    /// Who was refused.
    var refusals: [PeerID] = []
    /// Until when the dispatcher did not run.
    var asleepUntil = MonotonicTime(nanoseconds: 0)

    init(_ terms: Terms) {
        self.terms = terms
        self.known = terms.modules.map { _ in nil }
        self.manifests = terms.modules.map { _ in nil }
        self.rightChains = VirtualCallback.all.map { _ in [] }
        self.circuits = Array(repeating: VirtualCircuit(), count: terms.modules.count * VirtualCallback.all.count)
        self.judged = terms.modules.map { _ in [] }
        self.budgets = self.fullBudgets()
    }

    /// The place of what is known of one callback at one module.
    func row(_ module: Int, _ index: Int) -> Int { module * self.callbacks.count + index }

    func reference(_ index: Int) -> Reference {
        Reference(callback: self.callbacks[index], index: index, policies: self.terms.policies)
    }

    mutating func report(_ rule: Rule, _ message: String) {
        guard self.violation == nil else { return }
        self.violation = Violation(rule: rule, message: message, time: self.now)
    }

    /// Nothing is owed by a dispatcher that is gone.
    mutating func forgetDispatcher() {
        self.calls = [:]
        self.keys = [:]
        self.steps = [:]
        self.scopes = [:]
        self.registrations = [:]
        self.known = self.modules.map { _ in nil }
        self.manifests = self.known.map { _ in nil }
        self.face = nil
        self.tables = LedgerTables()
        self.rightChains = self.callbacks.map { _ in [] }
        self.chains = []
        self.disabled = []
        self.resting = []
        self.circuits = self.circuits.map { _ in VirtualCircuit() }
        self.judged = self.judged.map { _ in [] }
        self.budgets = self.fullBudgets()
        self.waiting = []
        self.waited = []
        self.after = DispatcherBooks()
    }

    // MARK: One input

    mutating func prepare(_ input: DispatcherInput, at now: MonotonicTime) {
        self.input = input
        self.now = now
        self.before = self.after
        self.dropped = []
        self.refusals = []
        self.asked = []
        self.closed = [:]
        self.circuitsBefore = [:]
        guard case .receive(let envelope, let peer) = input, self.before.knows(peer) else {
            if case .failed(let header, let peer, .congested) = input, header.kind == .call {
                self.notDelivered(header.callID, to: peer)
            }
            return
        }
        switch envelope.header.kind {
        case .call: self.admit(envelope, from: peer)
        case .reply: self.reply(envelope, from: peer)
        case .cancel:
            if let token = self.keys[CallKey(peer: peer, callID: envelope.header.callID)] { self.dropped.append(token) }
        case .ready: self.renewCircuits(for: peer)
        default: break
        }
    }

    mutating func settle(_ actions: [RouterAction], _ books: DispatcherBooks, chains: @autoclosure () -> [[Int]]) {
        self.after = books
        // Asked only when it may have changed: it is copied out of the dispatcher.
        if books.epoch != self.before.epoch || self.chains.isEmpty { self.chains = chains() }
        let isAnybodyElse = self.isAnybodyElse
        if isAnybodyElse || self.input.leaver != nil { self.noteLeavers(actions) }
        self.noteWaiters()
        for case .send(let envelope, let peer) in actions {
            switch envelope.header.kind {
            case .call: self.sent(envelope, to: peer)
            case .reply: self.answered(envelope, to: peer)
            case .cancel: self.cancelled(envelope.header.callID, at: peer)
            case .welcome: self.welcomed(peer)
            case .registered: self.registered(peer)
            case .refused: self.refused(peer)
            default: break
            }
        }
        self.checkUntold()
        self.settleWaiters()
        self.checkUnseenTrials()
        self.checkRetries()
        self.checkLeftovers()
        self.finishDropped()
        self.checkScopes()
        self.noteWords()
        if isAnybodyElse || self.mayChangeRegistrations {
            self.checkRegistrations(actions)
        } else if case .advance = self.input {
            self.checkTables(actions)
        }
        self.checkBooks()
        self.checkWaiters()
    }

    /// Whether somebody has come or gone by the books, or is in another state.
    private var isAnybodyElse: Bool {
        let count = self.after.entries.count
        guard self.after.epoch == self.before.epoch, count == self.before.entries.count else { return true }
        for index in 0..<count {
            guard self.after.entries[index].peer == self.before.entries[index].peer,
                self.after.entries[index].state == self.before.entries[index].state,
                self.after.entries[index].isStranger == self.before.entries[index].isStranger
            else { return true }
        }
        return false
    }

    /// Whether an input may change who somebody is: most come too often for the whole list to be read each time.
    private var mayChangeRegistrations: Bool {
        switch self.input {
        case .advance: return self.isTableOld
        case .receive(let envelope, _):
            switch envelope.header.kind {
            case .call, .reply, .cancel, .ping, .pong: return false
            default: return true
            }
        default: return true
        }
    }

    /// The connections that are gone or begin anew: what they asked is not wanted any more, and what they were asked is lost.
    private mutating func noteLeavers(_ actions: [RouterAction]) {
        let leavers = self.registrations.keys
            .filter { $0 == self.input.leaver || !self.after.knows($0) }
            .sorted { $0.rawValue < $1.rawValue }
        guard !leavers.isEmpty else { return }
        var cancelled: Set<UInt64> = []
        for case .send(let envelope, _) in actions where envelope.header.kind == .cancel {
            cancelled.insert(envelope.header.callID)
        }
        for peer in leavers {
            self.checkLeaver(peer)
            self.registrations[peer] = nil
            self.isTableOld = true
            for (key, token) in self.keys where key.peer == peer { self.dropped.append(token) }
            for (id, step) in self.steps where step.peer == peer && !cancelled.contains(id) {
                self.steps[id] = nil
                self.heard(step, .failure(.lost))
            }
            self.scopes = self.scopes.filter { $0.value.peer != peer }
            for (name, scope) in self.scopes where scope.caller == peer && scope.state == .open {
                self.scopes[name]?.state = .due("whoever entered is gone")
            }
        }
        self.dropped.sort()
    }

    /// The calls that nobody waits for: all that was done for them has to have been stopped.
    private mutating func finishDropped() {
        for token in self.dropped {
            guard let call = self.calls[token] else { continue }
            self.calls[token] = nil
            self.keys[CallKey(peer: call.peer, callID: call.callID)] = nil
            let left = self.steps.filter { $0.value.token == token }.keys.sorted()
            for id in left {
                guard self.steps[id]?.isExit != true else {
                    self.steps[id]?.token = nil
                    continue
                }
                self.report(.cancel, "call #\(token) is over and step \(id) of it was not cancelled")
            }
        }
    }
}

extension DispatcherBooks {
    func entry(_ peer: PeerID) -> Entry? { self.entries.first { $0.peer == peer } }
    func knows(_ peer: PeerID) -> Bool { self.entries.contains { $0.peer == peer && !$0.isStranger } }
    func isReady(_ peer: PeerID) -> Bool { self.entries.contains { $0.peer == peer && $0.state == .ready } }
}
