public import Logging
internal import MessageBus
public import ModuleSDK
internal import Synchronization
public import WireProtocol

/// A bus with one module on it, in memory: for a module author's tests.
///
/// The module lives through what it lives through on a real bus (`WELCOME`, registration, start, calls, shutdown), and every message passes through the
/// codec of the wire, so that what cannot be sent fails in the test too.
///
/// ```swift
/// let bus = try await InMemoryBus.start(LinkGuard.self, configuration: ["blocked_words": ["casino"]])
/// let answer = try await bus.ask("spam_checker", "check_event_for_spam", ["event": ["type": "m.room.message"]])
/// #expect(answer == .noOpinion)
/// ```
public final class InMemoryBus<Hosted: Module>: Sendable {
    private struct State {
        var manifest: Manifest
        var configuration: JSONValue
        var faults = BusFaults()
        /// Which dispatcher it is, counted from 1.
        var generation: UInt64 = 1
        var filteredCount = 0
    }

    let moduleID: String
    private let host: ModuleHost<Hosted>
    private let platform: ScriptedPlatform
    private let clock: any Clock<Duration>
    private let calls = CallsInFlight()
    private let state: Mutex<State>

    private init(
        host: ModuleHost<Hosted>,
        platform: ScriptedPlatform,
        manifest: Manifest,
        configuration: JSONValue,
        moduleID: String,
        clock: any Clock<Duration>
    ) {
        self.host = host
        self.platform = platform
        self.state = Mutex(State(manifest: manifest, configuration: configuration))
        self.moduleID = moduleID
        self.clock = clock
    }

    /// Builds a module and registers it.
    ///
    /// - Parameters:
    ///   - module: The module's type.
    ///   - moduleID: Its name in the operator's configuration.
    ///   - configuration: The operator's configuration of it.
    ///   - platform: Answers what the module asks the platform.
    ///   - cache: The cache that the module's cached functions use; share one between several modules to see one invalidate the other's.
    ///   - clock: What budgets, delays and the module's own timers are measured with; a ``ManualClock`` makes them end when the test says so.
    ///   - logger: What the module logs to.
    /// - Returns: The bus, with the module ready for calls.
    /// - Throws: ``ConfigurationError`` as the operator would see it (paths below `config`), or what the module's initialiser threw.
    public static func start(
        _ module: Hosted.Type = Hosted.self,
        moduleID: String = "module-under-test",
        configuration: JSONValue = .null,
        host platform: ScriptedPlatform = ScriptedPlatform(),
        cache: InMemoryCache = InMemoryCache(),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "module-under-test")
    ) async throws -> InMemoryBus {
        let host = ModuleHost<Hosted>(
            moduleID: moduleID,
            logger: logger,
            cache: await cache.makeClient(),
            clock: clock
        )
        host.connect(platform)
        let manifest = try await host.introduce(configuration, epoch: 1)
        return InMemoryBus(
            host: host,
            platform: platform,
            manifest: manifest,
            configuration: configuration,
            moduleID: moduleID,
            clock: clock
        )
    }

    /// What the module registered.
    public var manifest: Manifest { self.state.withLock(\.manifest) }

    /// How many replies came when nobody waited for them any more: after the end of their budget, a cancelled call or a restart.
    public var lateReplyCount: Int { self.calls.lateCount }

    /// How many calls were not the module's concern by its filters, and so did not reach it.
    public var filteredCallCount: Int { self.state.withLock(\.filteredCount) }

    /// Makes the bus misbehave from now on.
    public func inject(_ faults: BusFaults) {
        self.state.withLock { $0.faults = faults }
    }

    /// Restarts the dispatcher: calls in flight end as `lost`, and the module is asked who it is and introduces itself again.
    ///
    /// A module whose configuration is the same goes on as it is, with its scopes left. With another one it is built anew.
    ///
    /// - Parameter configuration: The operator's configuration of it from now on; as before, if left out.
    /// - Returns: What the module registered this time, which calls go by from now on.
    /// - Throws: As ``start(_:moduleID:configuration:host:cache:clock:logger:)`` does.
    @discardableResult
    public func restartDispatcher(configuration: JSONValue? = nil) async throws -> Manifest {
        self.calls.loseAll(BusFault(.lost, "the dispatcher was restarted", isRetryable: true))
        let (next, epoch) = self.state.withLock { state in
            state.generation += 1
            if let configuration { state.configuration = configuration }
            return (state.configuration, state.generation)
        }
        let manifest = try await self.host.introduce(next, epoch: epoch)
        self.state.withLock { $0.manifest = manifest }
        return manifest
    }

    /// Ends the module; calls in flight end as `lost`.
    public func stop() async {
        self.calls.loseAll(BusFault(.lost, "the module was stopped"))
        await self.host.shutdown()
    }
}

// MARK: - Calls

extension InMemoryBus {
    /// Asks the module one callback, unless the call is none of its concern by its filter: then it has no opinion, and never learns of it.
    ///
    /// Cancelling the task that asks is what `CANCEL` is on a real bus.
    ///
    /// - Parameters:
    ///   - category: The callback's category.
    ///   - name: The callback's name.
    ///   - arguments: The named arguments.
    ///   - budget: The time the module has.
    /// - Returns: The module's answer.
    /// - Throws: ``BusFault``: the module's own, or `not_found`, `timeout`, `cancelled`, `overloaded` and `lost` as the bus would report them.
    public func ask(
        _ category: String,
        _ name: String,
        _ arguments: JSONObject,
        budget: Duration = .seconds(5)
    ) async throws -> CallbackAnswer {
        let claim = try self.claim(category, name)
        guard try self.concerns(claim, arguments) else { return .noOpinion }
        let call = InboundCall(
            target: "callback/\(category)/\(name)",
            budget: budget,
            epoch: 1,
            body: JSONValue.object(arguments).encoded()
        )
        let reply = try await self.deliver(call)
        return reply.status == .continue ? .noOpinion : .result(try JSONValue(parsing: reply.body))
    }

    func claim(_ category: String, _ name: String) throws -> CallbackClaim {
        let claim = self.manifest.callbacks.first { $0.category == category && $0.name == name }
        guard let claim else { throw BusFault(.notFound, "the module did not register \(category)/\(name)") }
        return claim
    }

    /// Whether a call is sent to the module: the dispatcher applies its filter.
    ///
    /// - Throws: ``BusFault`` with `invalid_filter`, for which a dispatcher would refuse the registration.
    func concerns(_ claim: CallbackClaim, _ arguments: JSONObject) throws -> Bool {
        guard let json = claim.filter else { return true }
        let filter: ArgumentFilter
        do throws(JSONError) {
            filter = try ArgumentFilter(json: json)
        } catch {
            let message = "the filter of \(claim.category)/\(claim.name): \(error)"
            throw BusFault(.init(rawValue: "invalid_filter"), message)
        }
        guard !filter.matches(.object(arguments)) else { return true }
        self.state.withLock { $0.filteredCount += 1 }
        return false
    }

    /// Sends the module one HTTP request.
    ///
    /// - Parameters:
    ///   - method: Upper case.
    ///   - path: Percent-encoded, without the query.
    ///   - query: Percent-encoded, without the question mark.
    ///   - headers: Names in lower case.
    ///   - body: The body.
    ///   - budget: The time the module has.
    /// - Returns: The module's response.
    /// - Throws: ``BusFault`` with `not_found` when no registered web resource matches, or as the bus would report it.
    public func request(
        _ method: String,
        _ path: String,
        query: String? = nil,
        headers: [WebHeader] = [],
        body: Payload = .empty,
        budget: Duration = .seconds(5)
    ) async throws -> WebResponse {
        let route = self.manifest.routes.first { claim in
            claim.methods.contains(method) && RoutePath(claim.path).matches(path, below: claim.match == .subtree)
        }
        guard let route else { throw BusFault(.notFound, "the module serves no \(method) \(path)") }
        let metadata = WebRequestMetadata(method: method, path: path, query: query, headers: headers)
        let call = InboundCall(
            target: "web/\(self.moduleID)\(route.path)",
            budget: budget,
            epoch: 1,
            metadata: metadata.encoded(),
            body: body
        )
        let reply = try await self.deliver(call)
        let head = try reply.metadata.map { try WebResponseMetadata(decoding: $0) } ?? WebResponseMetadata()
        return WebResponse(status: head.status, headers: head.headers, body: reply.body)
    }

    func deliver(_ call: InboundCall) async throws -> BusReply {
        if let reason = self.platform.disabledBecause {
            throw BusFault(.noneUp, "the module has disabled itself: \(reason)", isRetryable: true)
        }
        let faults = self.state.withLock(\.faults)
        if faults.overloads {
            throw BusFault(.overloaded, "the module has as many calls as it takes", isRetryable: true)
        }
        if faults.losesCalls { throw BusFault(.lost, "the call was lost") }
        let sent = try call.overTheWire()
        let (host, clock) = (self.host, self.clock)
        let outcome = await self.calls.run {
            try await clock.sleep(for: call.budget)
            return BusFault(.timeout, "the budget of \(call.budget) ended")
        } handle: {
            if faults.delay > .zero {
                // Cancelled with the call, which has ended then and waits for nothing.
                guard (try? await clock.sleep(for: faults.delay)) != nil else {
                    return .failure(BusFault(.cancelled, "the call ended on its way"))
                }
            }
            let reply = await host.serve(sent)
            if faults.duplicatesCalls { _ = await host.serve(sent) }
            return .success(reply)
        }
        let reply = try outcome.get()
        if faults.losesReplies { throw BusFault(.lost, "the reply was lost") }
        if let fault = reply.fault { throw fault }
        return try reply.overTheWire()
    }
}

extension ModuleHost {
    /// Lives through `WELCOME`, registration and start, as on a real bus.
    fileprivate func introduce(_ configuration: JSONValue, epoch: UInt64) async throws -> Manifest {
        let welcome = Welcome(dispatcher: "in-memory", configuration: configuration, configurationPath: "config")
        let manifest: Manifest
        do {
            manifest = try await self.welcomed(Welcome(decoding: welcome.encoded()))
        } catch let farewell as BusFarewell where farewell.reason == .configuration {
            throw ConfigurationError(
                farewell.problems.map { ConfigurationError.Problem(path: $0.path, message: $0.message) }
            )
        }
        let registered = Registered(
            epoch: epoch,
            routes: manifest.routes.map(\.path),
            callbacks: manifest.callbacks.map { "\($0.category)/\($0.name)" },
            methods: manifest.methods.map(\.name),
            backgroundUpdates: manifest.backgroundUpdates.map(\.name)
        )
        try await self.registered(Registered(decoding: registered.encoded()))
        return try Manifest(decoding: manifest.encoded())
    }
}

extension Clock where Duration == Swift.Duration {
    fileprivate func sleep(for duration: Duration) async throws {
        try await self.sleep(until: self.now.advanced(by: duration), tolerance: nil)
    }
}
