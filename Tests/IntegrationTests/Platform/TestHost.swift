import Logging
import MessageBus
import Synchronization
import WireProtocol
import ZeroMQ

/// A host in the test's own process, which sees every routing table as it comes.
final class TestHost: BusConnectionDelegate {
    enum Event {
        /// It has a connection on which it can call.
        case connected(ContinuousClock.Instant)
        case table(RoutingTableMessage, ContinuousClock.Instant)
    }

    let events: AsyncStream<Event>
    private let sink: AsyncStream<Event>.Continuation
    private let runner = Mutex<Task<Void, any Error>?>(nil)

    private init() {
        (self.events, self.sink) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
    }

    static func join(_ platform: TestPlatform) throws -> TestHost {
        let host = TestHost()
        let loop = PollLoop(label: "host")
        try loop.start()
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(endpoint: platform.bus, id: "host", role: .host, version: ""),
            loop: loop,
            context: try Context(),
            delegate: host,
            logger: Logger(label: "host") { _ in SwiftLogNoOpLogHandler() }
        )
        // Ends in leave(), or with the test's process.
        let task = Task {
            defer { loop.stop() }
            try await connection.run()
        }
        host.runner.withLock { $0 = task }
        return host
    }

    func tableChanged(_ table: RoutingTableMessage) {
        self.sink.yield(.table(table, .now))
    }

    func reachabilityChanged(isReady: Bool) {
        if isReady { self.sink.yield(.connected(.now)) }
    }

    /// Ends the connection and waits until it has ended.
    func leave() async {
        let task = self.runner.withLock { $0 }
        task?.cancel()
        _ = await task?.result
        self.sink.finish()
    }
}
