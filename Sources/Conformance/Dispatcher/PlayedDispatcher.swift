internal import WireProtocol

/// The dispatcher as a module sees it: what it answers without being told to.
///
/// It knows one module and keeps to the wire protocol, unless its ``Conduct`` says otherwise.
struct PlayedDispatcher: Sendable {
    /// How far the module has come on its connection.
    enum Phase: Comparable, Sendable {
        case silent, greeted, registered, ready, left
    }

    var conduct = Conduct.normal
    /// The connection that said `HELLO` last.
    private(set) var connection: Connection?
    private(set) var hello: Hello?
    private(set) var manifest: Manifest?
    private(set) var phase = Phase.silent
    /// Whether both sides have said that they read packs.
    private(set) var hasAgreedOnPacks = false

    private let configuration: JSONValue
    private let wrongConfiguration: JSONValue
    private let heartbeatMilliseconds: UInt32
    private let absentCacheEndpoint: String
    /// The longest body that the newest welcome allows.
    private(set) var bodySizeMax = WireLimits.defaultBodySize

    static let liveness: UInt32 = 3
    /// The most unanswered calls of a welcome: little, so that it is soon reached.
    static let inFlightMax = 32

    init(_ settings: ConformanceSettings) {
        self.configuration = settings.configuration
        self.wrongConfiguration = settings.wrongConfiguration ?? .null
        self.heartbeatMilliseconds = settings.heartbeatMilliseconds
        self.absentCacheEndpoint = settings.absentCacheEndpoint
    }

    /// Forgets everybody, as a dispatcher does that starts.
    mutating func forget() {
        self.connection = nil
        self.hello = nil
        self.manifest = nil
        self.phase = .silent
        self.hasAgreedOnPacks = false
    }

    /// Takes a message and answers it.
    ///
    /// - Throws: ``WireError`` when the body is not what its kind demands.
    mutating func receive(_ envelope: Envelope, from sender: Connection) throws(WireError) -> [Outgoing] {
        guard envelope.header.kind != .hello else { return try self.greet(envelope, sender) }
        guard sender == self.connection, self.phase != .left else { return [.control(.whoAreYou)] }
        switch envelope.header.kind {
        case .register: return try self.register(envelope)
        case .ready:
            self.phase = .ready
            return []
        case .ping:
            guard self.conduct.answersPings else { return [] }
            return [.control(.pong, callID: envelope.header.callID)]
        case .call: return [Self.answerToNobody(envelope)]
        case .bye:
            _ = try Farewell(decoding: envelope.body)
            self.phase = .left
            return []
        case .pong, .reply, .cancel, .drain, .chunk, .credit: return []
        case .pack: throw WireError(.pack, "a PACK that the WELCOME did not ask for by PACKS")
        case .hello, .welcome, .registered, .refused, .whoAreYou, .table, .invalidate:
            throw WireError(.controlBody, "\(envelope.header.kind.name) is not for the dispatcher")
        }
    }

    private mutating func greet(_ envelope: Envelope, _ sender: Connection) throws(WireError) -> [Outgoing] {
        self.forget()
        let hello = try Hello(decoding: envelope.body)
        self.hello = hello
        self.connection = sender
        if let code = self.conduct.helloRefusal {
            self.phase = .left
            return [Self.refusal(code, "ganglion conform refuses this HELLO")]
        }
        self.phase = .greeted
        let welcome = Welcome(
            dispatcher: "conform",
            configuration: self.conduct.hasWrongConfiguration ? self.wrongConfiguration : self.configuration,
            configurationPath: "config",
            heartbeatMilliseconds: min(self.heartbeatMilliseconds, hello.heartbeatMilliseconds),
            liveness: Self.liveness,
            bodySizeMax: self.conduct.bodySizeMax,
            inFlightMax: Self.inFlightMax,
            cacheEndpoint: self.conduct.namesAbsentCache ? self.absentCacheEndpoint : nil
        )
        self.bodySizeMax = self.conduct.bodySizeMax
        self.hasAgreedOnPacks = self.conduct.readsPacks && envelope.header.flags.contains(.packs)
        let header = Header(kind: .welcome, flags: self.hasAgreedOnPacks ? .packs : [])
        return [.message(Envelope(header, body: self.withUnknownMembers(welcome.json).encoded()))]
    }

    private mutating func register(_ envelope: Envelope) throws(WireError) -> [Outgoing] {
        guard self.phase == .greeted else {
            return [Self.refusal("registration_closed", "this connection has registered already")]
        }
        let manifest = try Manifest(decoding: envelope.body)
        if let code = self.conduct.registerRefusal {
            return [Self.refusal(code, "ganglion conform refuses this manifest")]
        }
        self.manifest = manifest
        self.phase = .registered
        let registered = Registered(
            epoch: 1,
            routes: manifest.routes.map(\.path),
            callbacks: manifest.callbacks.map { "\($0.category)/\($0.name)" },
            methods: manifest.methods.map(\.name),
            backgroundUpdates: manifest.backgroundUpdates.map(\.name)
        )
        return [.control(.registered, body: self.withUnknownMembers(registered.json).encoded())]
    }

    private func withUnknownMembers(_ json: JSONValue) -> JSONValue {
        guard self.conduct.hasUnknownMembers, var object = json.object else { return json }
        object["of_a_later_version"] = ["list": [1, 2.5, nil, "text"], "flag": true]
        return .object(object)
    }

    private static func refusal(_ code: String, _ message: String) -> Outgoing {
        .control(.refused, body: Refusal(reasons: [Remark(code: code, message: message)]).encoded())
    }

    /// There is nobody else on this bus whom a module could call.
    private static func answerToNobody(_ call: Envelope) -> Outgoing {
        let fault = BusFault(.noneRegistered, "ganglion conform has nobody who answers \(call.header.target)")
        let header = Header(kind: .reply, flags: MessageFlags(.error), callID: call.header.callID)
        return .message(Envelope(header, body: fault.encoded()))
    }
}
