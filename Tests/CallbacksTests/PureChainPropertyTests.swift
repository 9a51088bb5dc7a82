import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Callbacks

/// Whatever modules say, in whatever order and however late: side by side it means what it means one after the other.
struct PureChainPropertyTests {
    @Test(arguments: 0..<100)
    func aPureChainDecidesWhatASerialOneDoes(seed: Int) throws {
        let scene = Scene(seed: UInt64(seed))
        let serial = try scene.play { _ in false }
        #expect(try scene.play { _ in true } == serial)
        #expect(try scene.play { scene.members[$0].isPure } == serial)
    }
}

/// A chain's modules with what each of them is going to do.
private struct Scene {
    enum Deed: Equatable {
        case say(ReplyStatus, Payload)
        case hang
        case vanish
        case beDown
        case beFull
    }

    struct Member {
        var deed: Deed
        var milliseconds: UInt32
        var isPure: Bool
    }

    /// What can be seen of a call from outside.
    struct Result: Equatable {
        var status: ReplyStatus
        var body: String
        var decidedBy: String
        var outcome: JSONValue?
        var steps: [[JSONValue?]]
        var failOpens: [Int]
        var outcomes: OutcomeCounters
    }

    private static let presence = ["presence_router/get_users_for_states", "presence_router/get_interested_users"]

    let callback: String
    let members: [Member]

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let callbacks = ["shop/may_buy", "shop/lax", ChainTests.spam, "spam_checker/user_may_invite", Self.presence[1]]
        self.callback = callbacks[Int.random(in: 0..<callbacks.count, using: &random)]
        // Some scenes are peaceful, so that a chain gets to its end.
        let trouble = Int.random(in: 0...4, using: &random)
        self.members = (0..<Int.random(in: 1...10, using: &random)).map { _ in
            Member(
                deed: Self.deed(trouble: trouble, &random),
                milliseconds: UInt32.random(in: 0...20, using: &random),
                isPure: Int.random(in: 0..<3, using: &random) > 0
            )
        }
    }

    private static func deed(trouble: Int, _ random: inout SplitMix64) -> Deed {
        guard Int.random(in: 0..<20, using: &random) < trouble else {
            let neutral: [Payload] = ["\"allow\"", "\"NOT_SPAM\"", "true", "[\"@a\"]", "[\"@b\",\"@a\"]"]
            let decisive: [Payload] = ["\"deny\"", "\"M_FORBIDDEN\"", "\"ALL\"", "12"]
            let bodies = Int.random(in: 0..<10, using: &random) == 0 ? decisive : neutral
            let status: ReplyStatus = Int.random(in: 0..<3, using: &random) == 0 ? .continue : .answer
            return .say(status, bodies[Int.random(in: 0..<bodies.count, using: &random)])
        }
        let deeds: [Deed] = [
            .say(.error, BusFault(.internal, "oh").encoded()), .say(.overloaded, .empty), .say(.answer, "{"), .hang,
            .say(.error, BusFault(.badRequest, "no event").encoded()), .vanish, .beDown, .beFull,
        ]
        return deeds[Int.random(in: 0..<deeds.count, using: &random)]
    }

    func play(isPure: (Int) -> Bool) throws -> Result {
        var rig = try DispatcherRig(self.members.indices.map { .init(id: "m\($0)") })
        let host = rig.host()
        for index in self.members.indices { self.join(index, isPure(index), &rig) }
        for index in self.members.indices where self.members[index].deed == .beFull {
            self.fill(index, as: host, &rig)
        }
        // Less than the silence after which a module is called unresponsive: these modules answer no pings.
        rig.call("callback/\(self.callback)", budget: 1900, explain: true, as: host)
        let reply = try self.run(&rig, until: host)
        return try Result(reply, rig, self)
    }

    private func join(_ index: Int, _ isPure: Bool, _ rig: inout DispatcherRig) {
        let peer = PeerID(rawValue: UInt32(index + 1))
        let callbacks = Self.presence.contains(self.callback) ? Self.presence : [self.callback]
        let member = self.members[index]
        // A callback that is full has one call in the books that never ends: the storm of another test makes real ones.
        rig.module("m\(index)", callbacks, concurrency: 1, pure: isPure, as: peer)
        if member.deed == .beDown { rig.say(Header(kind: .drain), as: peer) }
        _ = rig.takeAll()
    }

    private func fill(_ index: Int, as host: PeerID, _ rig: inout DispatcherRig) {
        guard let callback = rig.core.configuration.catalogue.index(of: self.callback),
            let place = rig.core.places[PeerID(rawValue: UInt32(index + 1))]
        else { return }
        rig.core.peers[place].running[callback] = 1
    }

    /// Lets modules do what they are to do until the host has its reply.
    private func run(_ rig: inout DispatcherRig, until host: PeerID) throws -> Envelope {
        var due: [(time: MonotonicTime, index: Int, call: Envelope)] = []
        for _ in 0..<4000 {
            for index in self.members.indices {
                for call in rig.take(.call, for: PeerID(rawValue: UInt32(index + 1))) {
                    due.append((rig.now.adding(milliseconds: self.members[index].milliseconds), index, call))
                }
            }
            let now = rig.now
            for event in due.filter({ $0.time <= now }) { self.act(event.index, event.call, &rig) }
            due.removeAll { $0.time <= now }
            if let reply = rig.take(.reply, for: host).first { return reply }
            guard !rig.hasCalls, let next = due.map(\.time).min() ?? rig.core.steps.nextDeadline else { continue }
            rig.advance(milliseconds: max(1, next.millisecondsSince(rig.now)))
        }
        Issue.record("The call was never answered.")
        throw CancellationError()
    }

    private func act(_ index: Int, _ call: Envelope, _ rig: inout DispatcherRig) {
        let peer = PeerID(rawValue: UInt32(index + 1))
        switch self.members[index].deed {
        case .say(let status, let body): rig.answer(call, status, body, as: peer)
        case .vanish: rig.cannotSend(Header(kind: .ping), to: peer, .unreachable)
        case .hang, .beDown, .beFull: break
        }
    }
}

extension Scene.Result {
    fileprivate init(_ reply: Envelope, _ rig: DispatcherRig, _ scene: Scene) throws {
        let explanation = try JSONValue(parsing: try #require(reply.metadata))
        let callback = try #require(rig.core.configuration.catalogue.index(of: scene.callback))
        self.status = reply.status
        self.body = reply.body.text
        self.decidedBy = reply.header.target
        self.outcome = explanation["outcome"]
        self.steps = explanation["steps"]?.array?.map { [$0["module"], $0["verdict"], $0["incarnation"]] } ?? []
        self.failOpens = scene.members.indices.map {
            rig.core.callCounters[rig.core.counter($0, callback)].failOpens.count
        }
        self.outcomes = rig.core.outcomes[callback]
    }
}

extension DispatcherRig {
    fileprivate var hasCalls: Bool { self.outbox.contains { $0.envelope.header.kind == .call } }
}
