import Conformance
import MessageBus
import Supervision
import WireProtocol

/// A module in virtual time that keeps the protocol, but for its flaws.
struct ScriptedModule {
    /// What it does to the world.
    enum Output {
        case frames([[UInt8]])
        case ends(ProcessExit)
    }

    static let id = "specimen"
    static let heartbeat: UInt32 = 100

    let flaws: Set<Flaw>
    private(set) var connection: Connection
    private var number: UInt32 = 1
    private var starts = 0
    private var incarnation = ""
    private var isConnected = false
    private var wasRefused = false
    private var hasRegistered = false
    private var spokeAt = MonotonicTime(nanoseconds: 0)
    private var heardAt = MonotonicTime(nanoseconds: 0)
    private var greetedAt: MonotonicTime?
    /// It has heard BYE, so this is not a dispatcher that went without a word.
    private var hasHeardGoodbye = false
    private var hasSeenRestart = false
    /// Both sides have said that they read packs.
    private var mayPack = false
    private var bodySizeMax = WireLimits.defaultBodySize
    /// Replies that wait, of a module that takes its time.
    private var pending: [(Header, Payload)] = []
    private(set) var outputs: [Output] = []

    init(_ flaws: Set<Flaw>) {
        self.flaws = flaws
        self.connection = Connection(routingID: [0, 0, 0, 0, 1])
    }

    mutating func takeOutputs() -> [Output] {
        defer { self.outputs = [] }
        return self.outputs
    }

    // MARK: Life

    mutating func start(at now: MonotonicTime) {
        self.starts += 1
        self.hasHeardGoodbye = false
        self.hasSeenRestart = false
        self.wasRefused = false
        self.pending = []
        self.renew(at: now)
    }

    private mutating func renew(at now: MonotonicTime) {
        self.incarnation = self.flaws.contains(.keepsIncarnation) ? "one" : "start-\(self.starts)"
        self.connect(at: now)
    }

    mutating func connect(at now: MonotonicTime) {
        self.number += 1
        let isOwn = self.flaws.contains(.choosesRoutingID)
        self.connection = Connection(routingID: isOwn ? Array("mine".utf8) : [0, 0, 0, 0, UInt8(self.number % 250)])
        self.isConnected = true
        self.heardAt = now
        self.spokeAt = now
        if self.flaws.contains(.speaksBeforeHello) { self.say(.ping) }
        self.greet()
    }

    /// The dispatcher's socket is gone.
    mutating func disconnect() {
        self.isConnected = false
    }

    /// The dispatcher's socket is there again.
    mutating func reconnect(at now: MonotonicTime) {
        let staysAway = self.hasHeardGoodbye ? Flaw.staysAwayAfterGoodbye : .staysAwayAfterRestart
        guard !self.flaws.contains(staysAway) else { return }
        self.hasSeenRestart = !self.hasHeardGoodbye
        self.hasHeardGoodbye = false
        self.connect(at: now)
    }

    /// When it does something unasked.
    var deadline: MonotonicTime? {
        self.isConnected ? self.spokeAt + .milliseconds(Int64(Self.heartbeat)) : nil
    }

    mutating func advance(to now: MonotonicTime) {
        guard let deadline, deadline <= now else { return }
        self.spokeAt = now
        for (header, body) in self.pending { self.say(header, body) }
        self.pending = []
        if now.since(self.heardAt) > .milliseconds(Int64(Self.heartbeat) * 6), !self.flaws.contains(.ignoresSilence) {
            return self.connect(at: now)
        }
        if self.wasRefused, !self.hasRegistered, self.flaws.contains(.asksAllTheTimeWhenRefused) {
            for _ in 0..<3 { self.greet() }
            return
        }
        guard !self.flaws.contains(.sendsNoPing) else { return }
        self.say(.ping, callID: 1)
    }

    mutating func signal() {
        if self.flaws.contains(.diesInDrain) { return self.end(.signal(6)) }
        guard !self.flaws.contains(.neverEnds) else { return }
        if !self.flaws.contains(.leavesWithoutDrain) { self.say(.drain) }
        self.leave()
    }

    mutating func closeInput() {
        guard !self.flaws.contains(.ignoresLifeline) else { return }
        self.say(.drain)
        self.leave()
    }

    private mutating func leave() {
        if !self.flaws.contains(.leavesWithoutGoodbye) {
            self.say(.bye, Farewell(reason: .shutdown).encoded())
        }
        self.end(.status(self.flaws.contains(.fails) ? 1 : 0))
    }

    private mutating func end(_ exit: ProcessExit) {
        self.isConnected = false
        self.outputs.append(.ends(exit))
    }

    // MARK: Messages

    private mutating func say(_ kind: MessageKind, callID: UInt64 = 0, _ body: Payload = .empty) {
        self.say(Header(kind: kind, callID: callID), body)
    }

    private mutating func say(_ header: Header, _ body: Payload) {
        guard self.isConnected else { return }
        self.outputs.append(.frames([header.encoded(), body.bytes]))
    }

    private mutating func greet() {
        self.hasRegistered = false
        guard !self.flaws.contains(.saysNothing) else { return }
        if self.flaws.contains(.takesNewIncarnationOnReconnect) { self.incarnation = "connection-\(self.number)" }
        self.number += 1
        let isOther = self.flaws.contains(.speaksAnotherVersion)
        let hello = Hello(
            id: self.flaws.contains(.liesAboutItsID) ? "another" : Self.id,
            role: self.flaws.contains(.saysHelloAsHost) ? .host : .module,
            version: "1",
            incarnation: self.incarnation,
            protocolRange: isOther ? 2...3 : 1...1
        )
        self.say(Header(kind: .hello, flags: .packs), hello.encoded())
    }

    mutating func receive(_ frames: [[UInt8]], at now: MonotonicTime) {
        guard self.isConnected else { return }
        guard let header = try? Payload(frames[0]).withUnsafeBytes({ try Header(decoding: $0) }),
            frames.count == (header.flags.contains(.metadata) ? 3 : 2)
        else {
            let isUnknown = frames[0].count >= 24 && frames[0][0] == 1 && frames[0][1] == 99
            if self.flaws.contains(isUnknown ? .diesOfUnknownKind : .diesOfGarbage) { self.end(.signal(6)) }
            return
        }
        self.heardAt = now
        self.receive(header, Payload(frames[frames.count - 1]))
    }

    private mutating func receive(_ header: Header, _ body: Payload) {
        switch header.kind {
        case .welcome:
            self.mayPack = header.flags.contains(.packs)
            self.build(body)
        case .registered:
            self.hasRegistered = true
            if !self.flaws.contains(.isNeverReady) { self.say(.ready) }
        case .refused: self.refused(body)
        case .ping: self.pong(header.callID)
        case .whoAreYou:
            if !self.flaws.contains(.ignoresWhoAreYou) { self.greet() }
        case .call:
            let isLong = body.count >= 1 << 16
            if isLong, self.flaws.contains(.diesOfLongBody) { return self.end(.signal(6)) }
            guard body.count <= self.bodySizeMax else { return }
            self.answer(header, isLong: isLong)
        case .cancel:
            if self.flaws.contains(.diesOfCancel) { self.end(.signal(11)) }
        case .bye: self.hasHeardGoodbye = true
        case .pack: self.unpack(body)
        default: break
        }
    }

    private mutating func unpack(_ body: Payload) {
        if self.flaws.contains(.diesOfPacks) { return self.end(.signal(6)) }
        guard var reader = try? PackReader(Envelope(Header(kind: .pack), body: body)) else { return }
        var targets = TargetMemo()
        while let envelope = try? reader.next(remembering: &targets, bodySizeMax: 1 << 20) {
            self.receive(envelope.header, envelope.body)
        }
    }

    private mutating func pong(_ id: UInt64) {
        if self.flaws.contains(.sendsMalformedMessages) { self.outputs.append(.frames([[1, 33]])) }
        guard !self.flaws.contains(.answersNoPing) else { return }
        self.say(.pong, callID: id)
    }

    private mutating func build(_ body: Payload) {
        guard let welcome = try? Welcome(decoding: body) else { return }
        self.bodySizeMax = welcome.bodySizeMax
        if welcome.cacheEndpoint != nil, self.flaws.contains(.needsTheCache) { return self.end(.status(1)) }
        let json = try? JSONValue(parsing: body)
        if json?["of_a_later_version"] != nil, self.flaws.contains(.diesOfUnknownMember) { return self.end(.status(1)) }
        if welcome.configuration == "wrong", !self.flaws.contains(.takesAnyConfiguration) {
            let path = self.flaws.contains(.namesNoConfigurationPath) ? "words" : "config.words"
            let problem = Farewell.Problem(path: path, message: "expected words")
            self.say(.bye, Farewell(reason: .configuration, problems: [problem]).encoded())
            return self.end(.status(78))
        }
        var callback = "check_event_for_spam"
        if self.flaws.contains(.registersUnknownCallback) { callback = "no_such_callback" }
        let path = self.flaws.contains(.registersReservedPath) ? "/_matrix/client/x" : "/_modules/specimen/page"
        let isLess = self.flaws.contains(.registersLessAfterRestart) && self.hasSeenRestart
        let manifest = Manifest(
            routes: isLess ? [] : [RouteClaim(path: path)],
            callbacks: [CallbackClaim(category: "spam_checker", name: callback)]
        )
        self.say(.register, manifest.encoded())
    }

    private mutating func refused(_ body: Payload) {
        guard let refusal = try? Refusal(decoding: body) else { return }
        let isOfHello = refusal.reasons.first?.code == "protocol_version"
        self.wasRefused = isOfHello
        if self.flaws.contains(.crashesWhenRefused) { self.end(.signal(5)) }
        if self.flaws.contains(.endsWellWhenRefused), isOfHello { self.end(.status(0)) }
    }
}

// MARK: - Calls

extension ScriptedModule {
    private mutating func answer(_ header: Header, isLong: Bool) {
        if self.flaws.contains(.diesInCall) { return self.end(.signal(6)) }
        if header.budgetMilliseconds < 2, self.flaws.contains(.diesOfShortBudget) { return self.end(.signal(4)) }
        guard !self.flaws.contains(.neverReplies), !self.isDropped(header) else { return }
        let id = self.flaws.contains(.repliesToAnother) ? header.callID + 1000 : header.callID
        let has = header.target.hasSuffix("/check_event_for_spam") || header.target.hasSuffix("/_modules/specimen/page")
        guard has || self.flaws.contains(.answersWhatItDoesNotHave) else {
            return self.reply(id, .error, BusFault(.notFound, "there is no \(header.target)").encoded())
        }
        if self.flaws.contains(.repliesWrongResult) { return self.reply(id, .answer, #"{"verdict":true}"#) }
        if self.flaws.contains(.repliesBodyWithContinue) { return self.reply(id, .continue, "NOT_SPAM") }
        if self.flaws.contains(.repliesUnreadableError) { return self.reply(id, .error, "broken") }
        if isLong, self.flaws.contains(.repliesBeyondTheBodyLimit) {
            let message = String(repeating: "no ", count: self.bodySizeMax)
            return self.reply(id, .error, BusFault(.moduleError, message).encoded())
        }
        let isWeb = header.target.hasPrefix("web/")
        if self.flaws.contains(.repliesTwice) { self.reply(id, isWeb ? .answer : .continue, .empty) }
        self.reply(id, isWeb ? .answer : .continue, isWeb ? "a page" : .empty)
    }

    /// Whether a call is passed over: by its number, which grows by one with each.
    private func isDropped(_ header: Header) -> Bool {
        self.flaws.contains(.dropsCallsBeyondTheLimit) && header.callID > 60
    }

    private mutating func reply(_ id: UInt64, _ status: ReplyStatus, _ body: Payload) {
        let header = Header(kind: .reply, flags: MessageFlags(status), callID: id)
        // Alone or in a pack, as it pleases.
        if (self.mayPack && id % 2 == 0) || self.flaws.contains(.packsUnasked) {
            return self.say(.pack, Payload(Pack.encoded([Envelope(header, body: body)])))
        }
        guard self.flaws.contains(.leavesCallsUnanswered) else { return self.say(header, body) }
        self.pending.append((header, body))
    }
}
