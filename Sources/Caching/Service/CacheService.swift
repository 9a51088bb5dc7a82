public import Logging
internal import MessageBus
public import ServiceLifecycle
public import ZeroMQ

/// The cache service: takes office in a folder, binds its socket and lets a ``CacheServiceCore`` decide what happens on it.
public struct CacheService: Service {
    /// How much longer than allowed a value may be and still get an answer that says so; libzmq cuts off what is longer.
    private static let bodySlack = 1 << 20

    private let folder: String
    private let endpoints: [String]
    private let limits: CacheServiceLimits
    private let loop: PollLoop
    private let context: Context
    private let logger: Logger

    /// - Parameters:
    ///   - folder: Where the epoch is kept; it must exist.
    ///   - endpoints: Where to listen.
    ///   - limits: The bounds.
    ///   - loop: The thread that owns the socket; it must have been started.
    ///   - context: The process's libzmq context.
    ///   - logger: Where log lines go.
    public init(
        folder: String,
        endpoints: [String],
        limits: CacheServiceLimits = CacheServiceLimits(),
        loop: PollLoop,
        context: Context,
        logger: Logger
    ) {
        self.folder = folder
        self.endpoints = endpoints
        self.limits = limits
        self.loop = loop
        self.context = context
        self.logger = logger
    }

    /// Serves until the service is told to shut down.
    ///
    /// - Throws: ``CacheOfficeError`` when another process serves the folder, `ZeroMQError` when an endpoint cannot be bound.
    public func run() async throws {
        let office = try CacheOffice(folder: self.folder)
        self.logger.info("in office", metadata: ["cache.epoch": "\(office.epoch)"])
        let core = CacheServiceCore(
            epoch: office.epoch,
            incarnation: String(UInt64.random(in: .min ... .max), radix: 16),
            limits: self.limits
        )
        let router = RouterService(
            core: core,
            configuration: RouterConfiguration(
                endpoints: self.endpoints,
                bodySizeMax: self.limits.valueBytesMax + Self.bodySlack
            ),
            loop: self.loop,
            context: self.context,
            logger: self.logger
        )
        try await router.run()
        // Held until nobody is answered any more.
        _ = consume office
    }
}
