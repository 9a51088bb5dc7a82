import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Modules `a` and `b` that have registered one callback, `b` first, and a host that calls it.
struct GoldenScene {
    enum Mishap: String, CaseIterable {
        case timeout, lost, overloaded, error
    }

    private(set) var rig: DispatcherRig
    let golden: GoldenCallback
    let host: PeerID = 1000

    init(_ golden: GoldenCallback, modules: [String] = ["b", "a"]) throws {
        self.golden = golden
        self.rig = try DispatcherRig("a", "b")
        for id in golden.isAtMostOneModule ? modules.filter({ $0 == "a" }) : modules { self.join(id) }
        _ = self.rig.host(self.host)
    }

    private static func peer(_ id: String) -> PeerID { id == "a" ? 1 : 2 }

    /// What has to be registered with the callback, and the callback itself.
    private var claims: [CallbackClaim] {
        let parts = self.golden.path.split(separator: "/").map(String.init)
        let keys = self.golden.isKeyed ? [KeyClaim(key: "m.login.password", fields: ["password"])] : []
        let own = CallbackClaim(category: parts[0], name: parts[1], keys: keys)
        let companions =
            switch parts[0] {
            case "presence_router": ["get_users_for_states", "get_interested_users"]
            case "background_update_controller": ["on_update"]
            default: [String]()
            }
        return [own] + companions.filter { $0 != parts[1] }.map { CallbackClaim(category: parts[0], name: $0) }
    }

    private mutating func join(_ id: String) {
        let peer = Self.peer(id)
        self.rig.hello(id, as: peer)
        self.rig.register(claims: self.claims, as: peer)
        #expect(self.rig.take(.refused, for: peer).isEmpty)
        self.rig.say(Header(kind: .ready), as: peer)
        _ = self.rig.takeAll()
    }

    /// What `b` is told when it registers after `a`.
    mutating func refusalOfTheSecond() throws -> [String] {
        self.rig.hello("b", as: 2)
        self.rig.register(claims: self.claims, as: 2)
        return try Refusal(decoding: self.rig.takeOne(.refused, for: 2).body).reasons.map(\.code)
    }

    mutating func leave(_ id: String) {
        self.rig.cannotSend(Header(kind: .ping), to: Self.peer(id), .unreachable)
    }

    // MARK: A call

    mutating func call() {
        let metadata: Payload? = self.golden.isScoped ? #"{"scope":"enter"}"# : nil
        self.rig.call(self.golden.target, explain: true, metadata: metadata, body: self.golden.body, as: self.host)
    }

    /// Whether a module has a call that it has not answered.
    func isAsked(_ id: String) -> Bool {
        self.rig.outbox.contains { $0.peer == Self.peer(id) && $0.envelope.header.kind == .call }
    }

    mutating func answer(_ id: String, _ json: String) throws {
        try self.rig.answer(.answer, Payload(json), as: Self.peer(id))
    }

    mutating func pass(_ id: String) throws {
        try self.rig.answer(.continue, as: Self.peer(id))
    }

    /// Takes the call that a module has, with its arguments.
    mutating func arguments(of id: String) throws -> (call: Envelope, arguments: JSONValue) {
        let call = try self.rig.takeOne(.call, for: Self.peer(id))
        return (call, try JSONValue(parsing: call.body))
    }

    mutating func answer(_ id: String, _ call: Envelope, _ json: String) {
        self.rig.answer(call, .answer, Payload(json), as: Self.peer(id))
    }

    /// Lets something go wrong with the call that `a` has.
    mutating func suffer(_ mishap: Mishap) throws {
        let call = try self.rig.takeOne(.call, for: 1)
        switch mishap {
        case .timeout: self.rig.advance(milliseconds: self.golden.isForAll || self.golden.isForOne ? 1000 : 900)
        case .lost: self.leave("a")
        case .overloaded: self.rig.answer(call, .overloaded, BusFault(.overloaded, "").encoded(), as: 1)
        case .error: self.rig.answer(call, .error, BusFault(.internal, "oh").encoded(), as: 1)
        }
    }

    // MARK: Its end

    /// What the host got: the status, the result and who decided.
    mutating func reply() throws -> (status: ReplyStatus, body: String, module: String, outcome: String?) {
        let reply = try self.rig.takeOne(.reply, for: self.host)
        let explanation = try reply.metadata.map { try JSONValue(parsing: $0) }
        return (reply.status, reply.body.text, reply.header.target, explanation?["outcome"]?.string)
    }

    mutating func expectDecision(_ result: String, by module: String, _ place: SourceLocation = #_sourceLocation) throws
    {
        let reply = try self.reply()
        #expect(reply.status == .answer, sourceLocation: place)
        #expect(
            try JSONValue(parsing: Payload(reply.body)) == JSONValue(parsing: Payload(result)),
            sourceLocation: place
        )
        #expect(reply.module == module, sourceLocation: place)
    }

    mutating func expectNoOpinion(_ outcome: String = "continue", _ place: SourceLocation = #_sourceLocation) throws {
        let reply = try self.reply()
        #expect(reply.status == .continue, sourceLocation: place)
        #expect(reply.body == self.golden.otherwise, sourceLocation: place)
        #expect(reply.outcome == outcome, sourceLocation: place)
    }

    mutating func expectFailure(_ code: BusFault.Code, _ place: SourceLocation = #_sourceLocation) throws {
        let reply = try self.reply()
        #expect(reply.status == .error, sourceLocation: place)
        #expect(try BusFault(decoding: Payload(reply.body)).code == code, sourceLocation: place)
    }
}
