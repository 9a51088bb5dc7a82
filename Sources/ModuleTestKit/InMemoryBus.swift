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
    /// What the module registered.
    public let manifest: Manifest
    private let host: ModuleHost<Hosted>
    private let clock: any Clock<Duration>
    let moduleID: String
    private let faults = Mutex(BusFaults())

    private init(host: ModuleHost<Hosted>, manifest: Manifest, moduleID: String, clock: any Clock<Duration>) {
        self.host = host
        self.manifest = manifest
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
    ///   - clock: What budgets are measured with; a ``ManualClock`` makes them end when the test says so.
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
        let host = ModuleHost<Hosted>(moduleID: moduleID, logger: logger, cache: await cache.makeClient())
        host.connect(platform)
        let welcome = Welcome(dispatcher: "in-memory", configuration: configuration, configurationPath: "config")
        let manifest: Manifest
        do {
            manifest = try await host.welcomed(Welcome(decoding: welcome.encoded()))
        } catch let farewell as BusFarewell where farewell.reason == .configuration {
            throw ConfigurationError(
                farewell.problems.map { ConfigurationError.Problem(path: $0.path, message: $0.message) }
            )
        }
        let registered = Registered(
            epoch: 1,
            routes: manifest.routes.map(\.path),
            callbacks: manifest.callbacks.map { "\($0.category)/\($0.name)" },
            methods: manifest.methods.map(\.name),
            backgroundUpdates: manifest.backgroundUpdates.map(\.name)
        )
        try await host.registered(Registered(decoding: registered.encoded()))
        return InMemoryBus(
            host: host,
            manifest: try Manifest(decoding: manifest.encoded()),
            moduleID: moduleID,
            clock: clock
        )
    }

    /// Makes the bus misbehave from now on.
    public func inject(_ faults: BusFaults) {
        self.faults.withLock { $0 = faults }
    }

    /// Ends the module.
    public func stop() async {
        await self.host.shutdown()
    }
}

// MARK: - Calls

extension InMemoryBus {
    /// Asks the module one callback.
    ///
    /// - Parameters:
    ///   - category: The callback's category.
    ///   - name: The callback's name.
    ///   - arguments: The named arguments.
    ///   - budget: The time the module has.
    /// - Returns: The module's answer.
    /// - Throws: ``BusFault``: the module's own, or `not_found`, `timeout` and `lost` as the bus would report them.
    public func ask(
        _ category: String,
        _ name: String,
        _ arguments: JSONObject,
        budget: Duration = .seconds(5)
    ) async throws -> CallbackAnswer {
        guard self.manifest.callbacks.contains(where: { $0.category == category && $0.name == name }) else {
            throw BusFault(.notFound, "the module did not register \(category)/\(name)")
        }
        let call = InboundCall(
            target: "callback/\(category)/\(name)",
            budget: budget,
            epoch: 1,
            body: JSONValue.object(arguments).encoded()
        )
        let reply = try await self.deliver(call)
        return reply.status == .continue ? .noOpinion : .result(try JSONValue(parsing: reply.body))
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
        let faults = self.faults.withLock { $0 }
        if faults.losesCalls { throw BusFault(.lost, "the call was lost") }
        let sent = try call.overTheWire()
        let host = self.host
        let clock = self.clock
        let reply = await withTaskGroup(of: BusReply?.self) { group in
            group.addTask { await host.serve(sent) }
            group.addTask {
                // A cancelled wait means that the reply was there first.
                try? await clock.sleep(for: call.budget)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        guard let reply else { throw BusFault(.timeout, "the budget of \(call.budget) ended") }
        if faults.losesReplies { throw BusFault(.lost, "the reply was lost") }
        if let fault = reply.fault { throw fault }
        return try reply.overTheWire()
    }
}

extension Clock where Duration == Swift.Duration {
    fileprivate func sleep(for duration: Duration) async throws {
        try await self.sleep(until: self.now.advanced(by: duration), tolerance: nil)
    }
}
