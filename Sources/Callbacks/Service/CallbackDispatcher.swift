public import Logging
import MessageBus
public import ServiceLifecycle
public import ZeroMQ

/// The dispatcher as a service: binds the bus and lets a ``DispatcherCore`` decide what happens on it.
public struct CallbackDispatcher: Service {
    /// How much longer than allowed a body may be and still get an answer that says so; libzmq cuts off what is longer.
    private static let bodySlack = 1 << 20

    private let configuration: DispatcherConfiguration
    private let endpoints: [String]
    private let loop: PollLoop
    private let context: Context
    private let logger: Logger

    /// - Parameters:
    ///   - configuration: What the operator decided.
    ///   - endpoints: Where to listen.
    ///   - loop: The thread that owns the socket; it must have been started.
    ///   - context: The process's libzmq context.
    ///   - logger: Where log lines go.
    public init(
        _ configuration: DispatcherConfiguration,
        endpoints: [String],
        loop: PollLoop,
        context: Context,
        logger: Logger
    ) {
        self.configuration = configuration
        self.endpoints = endpoints
        self.loop = loop
        self.context = context
        self.logger = logger
    }

    /// Listens until the service is told to shut down.
    ///
    /// - Throws: ``BusSocketError`` when another process listens at an endpoint, `ZeroMQError` when one cannot be bound.
    public func run() async throws {
        let files = self.endpoints.compactMap(BusSocketFile.init)
        for file in files { try file.makeWay() }
        let router = RouterService(
            core: DispatcherCore(self.configuration, now: .now()),
            configuration: RouterConfiguration(
                endpoints: self.endpoints,
                bodySizeMax: self.configuration.bodySizeMax + Self.bodySlack
            ),
            loop: self.loop,
            context: self.context,
            logger: self.logger
        )
        try await router.run()
        for file in files { file.remove() }
    }
}
