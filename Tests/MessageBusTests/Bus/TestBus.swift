import Foundation
import Logging
import MessageBus
import ServiceLifecycle
import WireProtocol
import ZeroMQ

/// A place to bind, and the loops and the context that whoever meets there runs on.
struct TestBus: Sendable {
    let endpoint: String
    /// The file behind the endpoint.
    let path: String
    let context: Context
    let routerLoop = PollLoop(label: "router")
    let peerLoop = PollLoop(label: "peer")
    let logger: Logger

    fileprivate init(folder: URL) throws {
        self.path = folder.appending(path: "bus.sock").path
        self.endpoint = "ipc://\(self.path)"
        self.context = try Context()
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        self.logger = logger
    }

    func startRouter(_ probe: RouterProbe) -> RunningService {
        let service = RouterService(
            core: ProbeCore(probe: probe),
            configuration: RouterConfiguration(endpoints: [self.endpoint]),
            loop: self.routerLoop,
            context: self.context,
            logger: self.logger
        )
        probe.wakeUp = { [loop = self.routerLoop] in try? loop.execute {} }
        return RunningService(service, logger: self.logger)
    }

    func makePeer(
        _ role: Hello.Role,
        _ delegate: any BusConnectionDelegate,
        configure: (inout BusConnectionConfiguration) -> Void = { _ in }
    ) -> BusConnection {
        var configuration = BusConnectionConfiguration(endpoint: self.endpoint, id: "peer", role: role)
        configure(&configuration)
        return BusConnection(
            configuration: configuration,
            loop: self.peerLoop,
            context: self.context,
            delegate: delegate,
            logger: self.logger
        )
    }

    /// Returns when libzmq's thread has dealt with everything that happened before, the end of connections for one.
    ///
    /// A message over a new connection takes that thread several rounds.
    func settle(on loop: PollLoop) async throws {
        let endpoint = self.endpoint + UUID().uuidString.prefix(4)
        let router = try await RawSocket.open(.router, on: loop, in: self.context) { try $0.bind(to: endpoint) }
        var options = SocketOptions()
        options.immediate = false
        let dealer = try await RawSocket.open(.dealer, on: loop, in: self.context, options: options) { socket in
            try socket.connect(to: endpoint)
        }
        try dealer.send([[]], on: loop)
        _ = try await router.received.next()
        for socket in [dealer, router] { try await socket.close(on: loop) }
    }

    func start(_ peer: BusConnection) -> RunningService {
        RunningService(peer, logger: self.logger)
    }

    /// What a connection counted.
    func statistics(of peer: BusConnection) async throws -> BusConnectionStatistics {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try self.peerLoop.execute { continuation.resume(returning: peer.statistics) }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }
}

/// Runs a test with a bus of its own.
func withTestBus(_ body: (TestBus) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bus-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let bus = try TestBus(folder: folder)
    try bus.routerLoop.start()
    try bus.peerLoop.start()
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(bus))
    } catch {
        result = .failure(error)
    }
    for loop in [bus.peerLoop, bus.routerLoop] {
        loop.stop()
        await loop.waitUntilStopped()
    }
    try result.get()
}

/// A service that a test starts and ends.
struct RunningService {
    private let group: ServiceGroup
    private let task: Task<Void, any Error>

    init(_ service: any Service, logger: Logger) {
        let group = ServiceGroup(services: [service], logger: logger)
        self.group = group
        self.task = Task { try await group.run() }
    }

    /// Asks the service to end when its work is done, and waits until it has.
    func shutDown() async throws {
        await self.group.triggerGracefulShutdown()
        try await self.task.value
    }

    /// Asks for the end without waiting for it.
    func beginShutdown() async {
        await self.group.triggerGracefulShutdown()
    }

    /// How the service ended by itself.
    func result() async -> Result<Void, any Error> {
        await self.task.result
    }

    /// Ends the service as it stands.
    func kill() async {
        self.task.cancel()
        _ = await self.task.result
    }
}
