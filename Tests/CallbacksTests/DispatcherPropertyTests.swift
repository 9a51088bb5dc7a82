import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Callbacks

/// Random sequences of everything that peers and the network can do, one seed a sequence.
struct DispatcherPropertyTests {
    @Test(arguments: 0..<16)
    func everyAdmittedCallEndsOnceAndInTime(seed: Int) throws {
        var storm = try Storm(seed: UInt64(seed))
        for _ in 0..<400 { storm.step() }
        storm.settle()
        #expect(storm.flaws == [])
        #expect(storm.answered > 20, "The storm is too mild to show anything.")
        #expect(storm.rig.core.chains.count == 0)
        #expect(storm.rig.core.steps.count == 0)
        #expect(storm.rig.core.scopes.count == 0)
        #expect(storm.rig.core.modules.allSatisfy { $0.line.isEmpty })
        for place in storm.rig.core.peers.places {
            let peer = storm.rig.core.peers[place]
            #expect(peer.incoming == 0)
            #expect(peer.outgoing == 0)
            #expect(peer.running.allSatisfy { $0 == 0 })
        }
    }
}

/// A dispatcher with peers that do anything at any time, and a book of what they are owed.
private struct Storm {
    private struct Open {
        var latest: MonotonicTime
    }

    private struct CallKey: Hashable {
        var peer: PeerID
        var callID: UInt64
    }

    var rig: DispatcherRig
    private(set) var flaws: [String] = []
    private(set) var answered = 0
    private var random: SplitMix64
    private var nextCallID: UInt64 = 1
    private var open: [CallKey: Open] = [:]
    private var asked: [(peer: PeerID, call: Envelope)] = []
    private var visits = Visits()

    private static let callbacks = [
        "shop/may_buy", "shop/price", "shop/lax", "shop/told", "shop/single", "shop/pair", "shop/visit",
        "spam_checker/check_event_for_spam",
        "third_party_rules/on_new_event", "third_party_rules/check_event_allowed", "shop/nope",
    ]
    private static let modules = ["a", "b", "c"]

    init(seed: UInt64) throws {
        self.random = SplitMix64(seed: seed)
        self.rig = try DispatcherRig(Self.modules.map { .init(id: $0) }) { configuration in
            configuration.inFlightMax = 8
            configuration.queueMax = 3
            configuration.bodySizeMax = 64
        }
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: 0..<elements.count, using: &self.random)]
    }

    private mutating func peer() -> PeerID {
        PeerID(rawValue: UInt32.random(in: 1...8, using: &self.random))
    }

    mutating func step() {
        let peer = self.peer()
        switch Int.random(in: 0..<22, using: &self.random) {
        case 0: self.hello(peer)
        case 1, 2: self.join(peer)
        case 3: self.rig.say(Header(kind: self.pick(MessageKind.allCases)), self.pick(["", "{}", "{{"]), as: peer)
        case 4: self.rig.sayGarbage(as: peer)
        case 5: self.rig.advance(milliseconds: UInt32.random(in: 0...700, using: &self.random))
        case 6: self.vanish(peer)
        case 7: self.cancel()
        case 8: self.rig.connectionsChanged()
        case 9: self.congest()
        case 10...15: self.call(peer)
        default: self.answer()
        }
        self.read()
    }

    mutating func settle() {
        self.rig.advance(milliseconds: 700_000)
        self.read()
        for key in self.open.keys { self.flaws.append("\(key) was never answered") }
    }

    // MARK: What peers do

    private mutating func hello(_ peer: PeerID) {
        self.forget(peer)
        let role: Hello.Role = self.pick([.host, .module, .module])
        self.rig.hello(self.pick(Self.modules + ["x"]), role, self.pick(["i", "j", "k"]), as: peer)
    }

    private mutating func join(_ peer: PeerID) {
        self.hello(peer)
        let claims = Self.callbacks.filter { _ in Bool.random(using: &self.random) }
        let concurrency = Int.random(in: 1...3, using: &self.random)
        self.rig.register(claims, routes: [.init(path: "/x")], concurrency: concurrency, as: peer)
        let sound = ["shop/may_buy", "shop/told", "shop/visit", "spam_checker/check_event_for_spam"]
        let isPure = Bool.random(using: &self.random)
        self.rig.register(sound, routes: [.init(path: "/x")], concurrency: concurrency, pure: isPure, as: peer)
        self.rig.say(Header(kind: .ready), as: peer)
    }

    private mutating func vanish(_ peer: PeerID) {
        self.rig.cannotSend(Header(kind: .ping), to: peer, .unreachable)
        self.forget(peer)
    }

    /// Nothing is owed to a peer that has begun again or gone.
    private mutating func forget(_ peer: PeerID) {
        self.read()
        self.open = self.open.filter { $0.key.peer != peer }
        self.asked.removeAll { $0.peer == peer && Bool.random(using: &self.random) }
    }

    private mutating func call(_ peer: PeerID) {
        let id = self.nextCallID
        self.nextCallID += 1
        let budget = UInt32.random(in: 1...2000, using: &self.random)
        let target = self.pick(Self.callbacks.map { "callback/\($0)" } + ["web/a/x", "web/b/x", "admin/status", ""])
        let mayCall = self.rig.core.places[peer].map { place in
            self.rig.core.peers[place].role != .stranger
        }
        if mayCall == true {
            let latest = self.rig.now.adding(milliseconds: budget + 1)
            self.open[CallKey(peer: peer, callID: id)] = Open(latest: latest)
        }
        let isExplained = Bool.random(using: &self.random)
        let body: Payload = self.pick(["{}", "{}", "{}", "x", Payload([UInt8](repeating: 0, count: 65))])
        let metadata = target.hasSuffix("visit") ? self.pick(self.visits.metadata) : nil
        self.rig.call(target, id: id, budget: budget, explain: isExplained, metadata: metadata, body: body, as: peer)
    }

    private mutating func cancel() {
        guard let key = self.open.keys.min(by: { $0.callID < $1.callID }) else { return }
        self.rig.say(Header(kind: .cancel, callID: key.callID), as: key.peer)
        self.read()
        self.open[key] = nil
    }

    private mutating func congest() {
        guard !self.asked.isEmpty else { return }
        let (peer, call) = self.asked.remove(at: Int.random(in: 0..<self.asked.count, using: &self.random))
        self.visits.notTold(call)
        self.rig.cannotSend(call.header, to: peer, .congested)
    }

    private mutating func answer() {
        guard !self.asked.isEmpty else { return }
        let (peer, call) = self.asked.remove(at: Int.random(in: 0..<self.asked.count, using: &self.random))
        let from = Int.random(in: 0..<20, using: &self.random) == 0 ? self.peer() : peer
        let body: Payload = self.pick([
            "\"allow\"", "\"deny\"", "12", "null", "", "{", "\"NOT_SPAM\"", "{\"code\":\"x\"}",
        ])
        let status = self.pick(ReplyStatus.allCases)
        if status == .overloaded { self.visits.notTold(call) }
        self.rig.answer(call, status, body, as: from)
    }

    // MARK: What they hear

    private mutating func read() {
        for (peer, envelope, time) in self.rig.takeAll() {
            switch envelope.header.kind {
            case .call:
                self.asked.append((peer, envelope))
                self.visits.heard(envelope, by: peer).map { self.flaws.append($0) }
            case .reply: self.close(CallKey(peer: peer, callID: envelope.header.callID), at: time)
            default: break
            }
        }
        // Those who were dropped for silence or garbage are owed nothing.
        let core = self.rig.core
        self.open = self.open.filter { key, _ in
            core.places[key.peer].map { core.peers[$0].role != .stranger } ?? false
        }
        for (key, open) in self.open where open.latest < self.rig.now {
            self.flaws.append("\(key) is late")
            self.open[key] = nil
        }
    }

    private mutating func close(_ key: CallKey, at time: MonotonicTime) {
        // Calls that were no calls, from messages of a random kind.
        guard key.callID != 0 else { return }
        if let open = self.open.removeValue(forKey: key) {
            self.answered += 1
            if time > open.latest { self.flaws.append("\(key) was answered late") }
            return
        }
        // A reply to a connection that has begun again, or a second one.
        self.flaws.append("\(key) was answered without being owed it")
    }
}

/// What modules were told of scopes: one that was entered is left once, by whom it was entered.
private struct Visits {
    private var entered: [String: PeerID] = [:]
    private var exits: [String: Int] = [:]
    private var newest = "d1-0"

    /// Metadata to call with: of the newest scope, of one that never was, or none at all.
    var metadata: [Payload?] {
        let exit: JSONValue = ["scope": "exit", "scope_id": .string(self.newest)]
        return [#"{"scope":"enter"}"#, #"{"scope":"enter"}"#, exit.encoded(), #"{"scope":"exit"}"#, nil]
    }

    /// - Returns: What is wrong with it.
    mutating func heard(_ call: Envelope, by peer: PeerID) -> String? {
        guard let (scope, isExit) = Self.read(call) else { return nil }
        guard isExit else {
            self.newest = scope
            return self.entered.updateValue(peer, forKey: scope) == nil ? nil : "\(scope) was entered twice"
        }
        self.exits[scope, default: 0] += 1
        guard self.entered[scope] == peer else { return "\(scope) was left by another than entered" }
        return self.exits[scope] == 1 ? nil : "\(scope) was left twice"
    }

    /// A call did not reach its module, or was turned away undone.
    mutating func notTold(_ call: Envelope) {
        guard let (scope, isExit) = Self.read(call), isExit else { return }
        self.exits[scope] = 0
    }

    private static func read(_ call: Envelope) -> (scope: String, isExit: Bool)? {
        guard let metadata = call.metadata, let members = try? JSONValue(parsing: metadata),
            let scope = members["scope_id"]?.string
        else { return nil }
        return (scope, members["scope"] == "exit")
    }
}
