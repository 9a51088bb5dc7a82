internal import Caching
internal import Logging
internal import MessageBus
internal import ServiceLifecycle
internal import WireProtocol
internal import ZeroMQ

/// Connects a module's process to the cache service, as soon as the dispatcher has said where that is.
struct CacheConnection: Service {
    let cache: CacheClient
    let endpoints: AsyncStream<String>
    let moduleID: String
    let loop: PollLoop
    let context: Context
    let logger: Logger

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.cache.run() }
            group.addTask { await self.follow() }
            // The cache's run ends with the shutdown only.
            try await group.next()
            try await group.next()
        }
    }

    /// Takes the first place that is named: who moves the cache service starts the modules again.
    private func follow() async {
        for await endpoint in self.endpoints.cancelOnGracefulShutdown() {
            return await self.connect(endpoint)
        }
    }

    private func connect(_ endpoint: String) async {
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(
                endpoint: endpoint,
                id: self.moduleID,
                role: .host,
                drainTime: .milliseconds(100)
            ),
            loop: self.loop,
            context: self.context,
            delegate: self.cache,
            logger: self.logger
        )
        self.cache.connect(connection)
        do {
            try await connection.run()
        } catch is CancellationError {
            return
        } catch {
            // The module works without: it loads what it needs.
            self.logger.error(
                "no connection to the cache service; nothing is cached",
                metadata: ["cache.endpoint": "\(endpoint)", "error": "\(error)"]
            )
        }
    }
}
