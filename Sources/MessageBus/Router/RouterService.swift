public import Logging
public import ServiceLifecycle
public import ZeroMQ

/// Binds a ROUTER and lets a ``RouterCore`` decide what happens on it.
public struct RouterService<Core: RouterCore & Sendable>: Service {
    private let core: Core
    private let configuration: RouterConfiguration
    private let loop: PollLoop
    private let context: Context
    private let logger: Logger

    /// - Parameters:
    ///   - core: The decisions, in their first state.
    ///   - configuration: Where to listen.
    ///   - loop: The thread that owns the socket; it must have been started.
    ///   - context: The process's libzmq context.
    ///   - logger: Where the core's log lines go.
    public init(
        core: Core,
        configuration: RouterConfiguration,
        loop: PollLoop,
        context: Context,
        logger: Logger
    ) {
        self.core = core
        self.configuration = configuration
        self.loop = loop
        self.context = context
        self.logger = logger
    }

    /// Listens until the service is told to shut down; then the core says goodbye to its peers.
    ///
    /// - Throws: ``ZeroMQError`` when an endpoint cannot be bound or the socket fails, ``PollLoopError`` when the loop ends meanwhile: a
    ///   process that went on would be deaf.
    public func run() async throws {
        try await withTaskExecutorPreference(self.loop) {
            let socket = try RouterSocket(
                core: self.core,
                configuration: self.configuration,
                context: self.context,
                logger: self.logger
            )
            self.loop.attach(socket)
            self.logger.info(
                "listening",
                metadata: ["endpoints": "\(self.configuration.endpoints.joined(separator: " "))"]
            )
            defer {
                socket.stop()
                self.loop.detach(socket)
            }
            try await self.waitForShutdown(or: socket.end)
        }
    }

    private func waitForShutdown(or end: AsyncThrowingStream<Never, any Error>) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await _ in end {} }
            // Ends by cancellation too, which is no failure of this service.
            group.addTask { try? await gracefulShutdown() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
