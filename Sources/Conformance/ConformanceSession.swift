public import MessageBus
internal import Supervision
internal import WireProtocol

/// All checks of one module, one after the other: events and the time go in, actions come out.
///
/// It owns no socket, no process and no clock. Whoever does carries out its actions and tells it what happened.
public struct ConformanceSession: Sendable {
    private static let logMax = 10

    /// What came out so far.
    public private(set) var report = ConformanceReport()
    /// Whether every check has been made.
    public private(set) var isFinished = false

    private var trial: Trial
    private var dispatcher: PlayedDispatcher
    private var checks: ArraySlice<Check>
    private var run: CheckRun?
    private var isRunning = false
    private var isBound = false
    /// The calls to the process that runs which it has not replied to.
    private var openCalls: Set<UInt64> = []
    /// What the process that runs, or ran last, said first.
    private var incarnation: String?
    /// Why no module can be made ready.
    private var obstacle: String?
    private var log: [String] = []
    private var actions: [ConformanceAction] = []

    public init(_ settings: ConformanceSettings) {
        self.trial = Trial(settings: settings)
        self.dispatcher = PlayedDispatcher(settings)
        self.checks = Check.bringingUp[...]
    }

    /// The names of the checks there are; of one like `callback` there is one for each callback that the module registers.
    public static var checkNames: [String] { Check.names }

    /// When to come back at the latest, if nothing happens before.
    public var deadline: MonotonicTime? { self.run?.deadline }

    /// Begins.
    public mutating func start(at now: MonotonicTime) -> [ConformanceAction] {
        self.proceed(at: now)
        return self.takeActions()
    }

    /// Lets the time pass.
    public mutating func advance(to now: MonotonicTime) -> [ConformanceAction] {
        if let outcome = self.run?.expire(at: now) { self.follow(outcome, at: now) }
        self.proceed(at: now)
        return self.takeActions()
    }

    /// Takes what happened.
    public mutating func receive(_ event: ConformanceEvent, at now: MonotonicTime) -> [ConformanceAction] {
        switch event {
        case .wrote(let line): self.remember(line)
        case .ended(let exit):
            self.isRunning = false
            self.dispatcher.forget()
            self.observe(.ended(exit), at: now)
        case .notStarted(let reason):
            self.isRunning = false
            self.observe(.notStarted(reason), at: now)
        case .frames(let frames, let connection): self.receive(frames, from: connection, at: now)
        }
        self.proceed(at: now)
        return self.takeActions()
    }

    private mutating func takeActions() -> [ConformanceAction] {
        defer { self.actions.removeAll() }
        return self.actions
    }
}

// MARK: Messages

extension ConformanceSession {
    private mutating func receive(_ frames: [[UInt8]], from connection: Connection, at now: MonotonicTime) {
        guard connection.isNamedByZeroMQ else {
            let error = WireError(.controlBody, "the connection chose its own routing id, which §1 forbids")
            return self.observe(.malformed(error, from: connection), at: now)
        }
        do throws(WireError) {
            let envelope = try Envelope(frames: frames, bodySizeMax: self.dispatcher.bodySizeMax)
            guard envelope.header.kind != .pack || !self.dispatcher.hasAgreedOnPacks else {
                return try self.unpack(envelope, from: connection, at: now)
            }
            try self.take(envelope, from: connection, at: now)
        } catch {
            // A kind of a later version is no mistake (§10).
            guard error.code != .unknownKind else { return }
            self.observe(.malformed(error, from: connection), at: now)
        }
    }

    private mutating func unpack(
        _ pack: Envelope,
        from connection: Connection,
        at now: MonotonicTime
    ) throws(WireError) {
        var reader = try PackReader(pack)
        var targets = TargetMemo(count: 0)
        while let envelope = try reader.next(remembering: &targets, bodySizeMax: self.dispatcher.bodySizeMax) {
            try self.take(envelope, from: connection, at: now)
        }
    }

    private mutating func take(
        _ envelope: Envelope,
        from connection: Connection,
        at now: MonotonicTime
    ) throws(WireError) {
        let answers = try self.dispatcher.receive(envelope, from: connection)
        if envelope.header.kind == .hello { self.trial.readsPacks = envelope.header.flags.contains(.packs) }
        for answer in answers { self.send(answer, to: connection) }
        if envelope.header.kind == .hello, let change = self.changeOfIncarnation() {
            return self.observe(change, at: now)
        }
        if envelope.header.kind == .reply, self.openCalls.remove(envelope.header.callID) == nil {
            return self.observe(.unaskedReply(envelope.header.callID), at: now)
        }
        self.observe(.message(envelope, from: connection), at: now)
    }

    /// What a HELLO says about who the process is, if it said something else before.
    private mutating func changeOfIncarnation() -> Observation? {
        guard let now = self.dispatcher.hello?.incarnation else { return nil }
        let before = self.incarnation ?? now
        self.incarnation = before
        self.trial.incarnations.insert(now)
        return before == now ? nil : .changedIncarnation(from: before, to: now)
    }

    private mutating func observe(_ observation: Observation, at now: MonotonicTime) {
        guard let outcome = self.run?.observe(observation) else { return }
        self.follow(outcome, at: now)
    }

    private mutating func send(_ outgoing: Outgoing, to connection: Connection) {
        self.openCalls.formUnion(outgoing.calledIDs)
        self.actions.append(.send(outgoing.frames, to: connection))
    }

    private mutating func remember(_ line: String) {
        self.log.append(String(line.prefix(400)))
        if self.log.count > Self.logMax { self.log.removeFirst() }
    }
}

// MARK: Checks

extension ConformanceSession {
    private mutating func follow(_ outcome: CheckRun.Outcome, at now: MonotonicTime) {
        guard case .ends(let verdict) = outcome else { return }
        self.end(verdict, at: now)
    }

    /// Does what can be done without waiting.
    private mutating func proceed(at now: MonotonicTime) {
        while !self.isFinished {
            if self.run == nil { self.begin(at: now) }
            while let step = self.run?.next(at: now) { self.perform(step) }
            guard self.run?.isDone == true else { return }
            self.end(.passed, at: now)
        }
    }

    private mutating func begin(at now: MonotonicTime) {
        guard let check = self.checks.popFirst() else { return self.finish() }
        if let obstacle {
            return self.add(check, .skipped(obstacle), at: now)
        }
        guard check.isWanted(by: self.trial.settings.only) else { return }
        switch check.plan(&self.trial) {
        case .skip(let reason): self.add(check, .skipped(reason), at: now)
        case .steps(let steps): self.run = CheckRun(check, steps: self.preparation(of: check) + steps, at: now)
        }
    }

    /// What brings the module where a check needs it.
    private mutating func preparation(of check: Check) -> [Step] {
        switch check.start {
        case .goingOn: return []
        case .anew: return [.start]
        case .ready:
            guard !self.isRunning || self.dispatcher.phase != .ready else { return [] }
            return [.start] + Step.becomingReady(self.trial.settings)
        }
    }

    private mutating func perform(_ step: Step) {
        switch step {
        case .expect, .watch: break
        case .conduct(let conduct): self.dispatcher.conduct = conduct
        case .start: self.startModule()
        case .send(let messages):
            guard let connection = self.dispatcher.connection else { return }
            for message in messages { self.send(message, to: connection) }
        case .signal(let number): self.actions.append(.signal(number))
        case .closeInput: self.actions.append(.closeInput)
        case .bind: self.bind()
        case .unbind: self.unbind()
        }
    }

    private mutating func startModule() {
        self.killModule()
        self.dispatcher.forget()
        self.bind()
        self.log = []
        self.isRunning = true
        self.incarnation = nil
        self.openCalls = []
        self.actions.append(.start)
    }

    private mutating func killModule() {
        guard self.isRunning else { return }
        self.isRunning = false
        self.actions.append(.kill)
    }

    private mutating func bind() {
        guard !self.isBound else { return }
        self.isBound = true
        self.actions.append(.bind)
    }

    private mutating func unbind() {
        guard self.isBound else { return }
        self.isBound = false
        self.dispatcher.forget()
        self.actions.append(.unbind)
    }

    private mutating func end(_ verdict: CheckResult.Verdict, at now: MonotonicTime) {
        guard let run = self.run else { return }
        self.run = nil
        self.add(run.check, verdict, notes: run.noteTexts, duration: now.since(run.begin), at: now)
        self.dispatcher.conduct = .normal
        if verdict != .passed {
            // Nobody knows what a module does next that has broken a rule: the next check gets a new one.
            self.killModule()
        }
        if run.check.name == Check.bringingUp.last?.name, verdict == .passed {
            self.trial.manifest = self.dispatcher.manifest ?? Manifest()
            self.checks = Check.all(self.trial)[...]
        }
    }

    private mutating func add(
        _ check: Check,
        _ verdict: CheckResult.Verdict,
        notes: [String] = [],
        duration: Duration = .zero,
        at now: MonotonicTime
    ) {
        var verdict = verdict
        switch verdict {
        case .failed(var breach):
            breach.log = self.log
            verdict = .failed(breach)
            // What is left of these three would only fail for the same reason, and all the others after them.
            if Check.bringingUp.contains(where: { $0.name == check.name }) {
                self.obstacle = "the module does not become ready: see `\(check.name)`"
                self.checks += Check.all(self.trial)
            }
        case .warned(var breach):
            breach.log = self.log
            verdict = .warned(breach)
        case .passed, .skipped: break
        }
        self.report.add(
            CheckResult(name: check.name, section: check.section, verdict: verdict, notes: notes, duration: duration)
        )
    }

    private mutating func finish() {
        self.killModule()
        self.unbind()
        self.isFinished = true
    }
}

extension Check {
    /// Whether an author who wants to see some checks only wants to see this one.
    fileprivate func isWanted(by names: Set<String>) -> Bool {
        names.isEmpty || Self.bringingUp.contains { $0.name == self.name }
            || names.contains { self.name == $0 || self.name.hasPrefix("\($0) ") }
    }
}

extension Envelope {
    /// Puts a message together from its frames.
    fileprivate init(frames: [[UInt8]], bodySizeMax: Int) throws(WireError) {
        guard let first = frames.first else { throw WireError(.frameCount, "no frames") }
        let header = try Header(bytes: first)
        try self.init(
            received: header,
            second: frames.count > 1 ? Payload(frames[1]) : nil,
            third: frames.count > 2 ? Payload(frames[2]) : nil,
            frameCount: frames.count,
            bodySizeMax: bodySizeMax
        )
    }
}

extension Header {
    /// Reads a header from a frame that is kept elsewhere.
    fileprivate init(bytes: [UInt8]) throws(WireError) {
        self = try Payload(bytes).withUnsafeBytes { bytes throws(WireError) in try Header(decoding: bytes) }
    }
}
