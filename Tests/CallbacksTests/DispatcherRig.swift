public import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// A dispatcher without sockets: tests speak to it as peers, and move its clock.
struct DispatcherRig {
    var core: DispatcherCore
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    private(set) var outbox: [(peer: PeerID, envelope: Envelope, time: MonotonicTime)] = []
    private(set) var logged: [String] = []

    init(
        _ modules: [DispatcherConfiguration.Module],
        configure: (inout DispatcherConfiguration) -> Void = { _ in }
    ) throws {
        var configuration = DispatcherConfiguration(
            modules: modules,
            catalogue: try Self.catalogue.get(),
            reservedPrefixes: ["/_matrix/client", "/_ganglion"],
            incarnation: "d1"
        )
        configure(&configuration)
        self.core = DispatcherCore(configuration, now: self.now)
    }

    init(_ ids: String..., configure: (inout DispatcherConfiguration) -> Void = { _ in }) throws {
        try self.init(ids.map { .init(id: $0) }, configure: configure)
    }

    private static let catalogue = Result { try Catalogue.synapse().adding(Self.shop, from: "shop.yaml") }

    /// Callbacks of an operator's own that fail where the shipped ones continue.
    static let shop = """
        catalogue: 1
        categories:
          shop:
            callbacks:
              may_buy:
                rule: first_answer
                neutral: [allow]
                result: { one_of: [allow, deny] }
                default: allow
                deadline_ms: 60000
              price: { rule: exclusive, result: number, deadline_ms: 200 }
              lax:
                rule: first_answer
                neutral: [allow]
                result: { one_of: [allow, deny] }
                default: allow
                failure:
                  timeout: { stop_with: deny }
                  none_registered: { stop_with: deny }
              told: { rule: notify, failure: { timeout: continue, lost: continue, none_registered: continue } }
              visit:
                rule: scoped
                scoped: { lease_ms: 5000 }
                result: number
                default: 1
                deadline_ms: 200
                failure: { timeout: continue, none_registered: continue, none_up: continue }
              pair:
                rule: exclusive
                constraints: [at_most_one_module]
                result: any
              single:
                rule: exclusive
                constraints: [at_most_one_module]
                result: any

        """

    // MARK: Speaking

    mutating func say(_ header: Header, metadata: Payload? = nil, _ body: Payload = .empty, as peer: PeerID) {
        var actions: [RouterAction] = []
        self.core.receive(Envelope(header, metadata: metadata, body: body), from: peer, at: self.now, into: &actions)
        self.note(actions)
    }

    mutating func sayGarbage(as peer: PeerID) {
        var actions: [RouterAction] = []
        self.core.receiveMalformed(WireError(.headerTooShort, ""), from: peer, at: self.now, into: &actions)
        self.note(actions)
    }

    mutating func cannotSend(_ header: Header, to peer: PeerID, _ reason: SendFailure) {
        var actions: [RouterAction] = []
        self.core.sendFailed(header, to: peer, reason: reason, at: self.now, into: &actions)
        self.note(actions)
    }

    mutating func connectionsChanged() {
        var actions: [RouterAction] = []
        self.core.connectionsChanged(at: self.now, into: &actions)
        self.note(actions)
    }

    mutating func advance(milliseconds: UInt32) {
        let end = self.now.adding(milliseconds: milliseconds)
        while let next = self.core.nextDeadline, next <= end {
            self.now = max(self.now, next)
            self.advance()
        }
        self.now = end
        self.advance()
    }

    private mutating func advance() {
        var actions: [RouterAction] = []
        self.core.advance(to: self.now, into: &actions)
        self.note(actions)
    }

    private mutating func note(_ actions: [RouterAction]) {
        for action in actions {
            switch action {
            case .send(let envelope, let peer): self.outbox.append((peer, envelope, self.now))
            case .log(_, let message, _): self.logged.append("\(message)")
            case .nothing: break
            }
        }
    }

    // MARK: Listening

    /// What was sent to a peer since the last time, by kind.
    mutating func take(_ kind: MessageKind, for peer: PeerID) -> [Envelope] {
        let taken = self.outbox.filter { $0.peer == peer && $0.envelope.header.kind == kind }.map(\.envelope)
        self.outbox.removeAll { $0.peer == peer && $0.envelope.header.kind == kind }
        return taken
    }

    mutating func takeOne(_ kind: MessageKind, for peer: PeerID) throws -> Envelope {
        let taken = self.take(kind, for: peer)
        #expect(taken.count == 1, "\(taken.count) of kind \(kind)")
        return try #require(taken.first)
    }

    mutating func takeAll() -> [(peer: PeerID, envelope: Envelope, time: MonotonicTime)] {
        defer { self.outbox.removeAll() }
        return self.outbox
    }
}

// MARK: Peers

extension DispatcherRig {
    mutating func hello(_ id: String, _ role: Hello.Role = .module, _ incarnation: String? = nil, as peer: PeerID) {
        let hello = Hello(id: id, role: role, version: "1.0", incarnation: incarnation ?? "\(id)-\(peer.rawValue)")
        self.say(Header(kind: .hello), hello.encoded(), as: peer)
    }

    mutating func host(_ peer: PeerID = 1000) -> PeerID {
        self.hello("host", .host, as: peer)
        self.say(Header(kind: .ready), as: peer)
        _ = self.takeAll()
        return peer
    }

    mutating func register(
        _ callbacks: [String] = [],
        routes: [RouteClaim] = [],
        methods: [String] = [],
        updates: [String] = [],
        concurrency: Int = 64,
        pure: Bool = false,
        filter: JSONValue? = nil,
        as peer: PeerID
    ) {
        let claims = callbacks.map { path in
            let parts = path.split(separator: "/").map(String.init)
            return CallbackClaim(
                category: parts[0],
                name: parts[1],
                concurrency: concurrency,
                isPure: pure,
                filter: filter
            )
        }
        let manifest = Manifest(
            routes: routes,
            callbacks: claims,
            methods: methods.map(MethodClaim.init(name:)),
            backgroundUpdates: updates.map(BackgroundUpdateClaim.init(name:))
        )
        self.say(Header(kind: .register), manifest.encoded(), as: peer)
    }

    /// Registers claims as they are.
    mutating func register(claims: [CallbackClaim], as peer: PeerID) {
        self.say(Header(kind: .register), Manifest(callbacks: claims).encoded(), as: peer)
    }

    /// A module that is ready for calls.
    @discardableResult
    mutating func module(
        _ id: String,
        _ callbacks: [String] = [],
        routes: [RouteClaim] = [],
        methods: [String] = [],
        updates: [String] = [],
        concurrency: Int = 64,
        pure: Bool = false,
        filter: JSONValue? = nil,
        incarnation: String? = nil,
        as peer: PeerID
    ) -> PeerID {
        self.hello(id, .module, incarnation, as: peer)
        self.register(
            callbacks,
            routes: routes,
            methods: methods,
            updates: updates,
            concurrency: concurrency,
            pure: pure,
            filter: filter,
            as: peer
        )
        self.say(Header(kind: .ready), as: peer)
        _ = self.takeAll()
        return peer
    }

    // MARK: Calls

    mutating func call(
        _ target: String,
        id: UInt64 = 7,
        budget: UInt32 = 1000,
        explain: Bool = false,
        metadata: Payload? = nil,
        body: Payload = "{}",
        as peer: PeerID
    ) {
        let flags: MessageFlags = explain ? .explain : []
        let header = Header(kind: .call, flags: flags, budgetMilliseconds: budget, callID: id, target: target)
        self.say(header, metadata: metadata, body, as: peer)
    }

    /// Answers the one call that a module has.
    mutating func answer(
        _ status: ReplyStatus,
        _ body: Payload = .empty,
        metadata: Payload? = nil,
        as peer: PeerID
    ) throws {
        let call = try self.takeOne(.call, for: peer)
        self.answer(call, status, body, metadata: metadata, as: peer)
    }

    mutating func answer(
        _ call: Envelope,
        _ status: ReplyStatus,
        _ body: Payload = .empty,
        metadata: Payload? = nil,
        as peer: PeerID
    ) {
        let header = Header(kind: .reply, flags: MessageFlags(status), callID: call.header.callID)
        self.say(header, metadata: metadata, body, as: peer)
    }

    /// What an admin call answers.
    mutating func admin(_ what: String, as host: PeerID) throws -> JSONValue {
        self.call("admin/\(what)", id: 99, body: .empty, as: host)
        return try JSONValue(parsing: try self.takeOne(.reply, for: host).body)
    }
}

extension PeerID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: UInt32) {
        self.init(rawValue: value)
    }
}

extension Envelope {
    var status: ReplyStatus { self.header.flags.status }

    func fault() throws -> BusFault { try BusFault(decoding: self.body) }
}
