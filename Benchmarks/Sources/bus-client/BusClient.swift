import Logging
import MessageBus
import WireProtocol
import ZeroMQ

/// A host that keeps a number of calls in flight and says how many were answered, and how fast: `libzmq/client.c` in Swift.
@main
struct BusClient {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
        guard CommandLine.arguments.count == 5, numbers.count == 3 else {
            print("usage: bus-client ENDPOINT IN_FLIGHT WARM_UP_MS MEASURED_MS")
            return
        }
        let loop = PollLoop(label: "bus-client")
        try loop.start()
        let host = Host()
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(
                endpoint: CommandLine.arguments[1],
                id: "benchmark",
                role: .host
            ),
            loop: loop,
            context: try Context(),
            delegate: host,
            logger: Logger(label: "bus-client")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            await host.waitUntilReady()
            let load = Load(
                connection: connection,
                inFlight: numbers[0],
                warmUp: .milliseconds(numbers[1]),
                measured: .milliseconds(numbers[2])
            )
            // On the loop's thread, where a call costs no change of thread: as the SDK runs a module's code.
            let result = try await withTaskExecutorPreference(loop) { try await load.run() }
            print(result)
            group.cancelAll()
        }
        loop.stop()
        await loop.waitUntilStopped()
    }
}

/// Knows when calls can be made.
private struct Host: BusConnectionDelegate {
    private let readiness: AsyncStream<Void>
    private let whenReady: AsyncStream<Void>.Continuation

    init() {
        (self.readiness, self.whenReady) = AsyncStream.makeStream()
    }

    func reachabilityChanged(isReady: Bool) {
        if isReady { self.whenReady.yield() }
    }

    func waitUntilReady() async {
        for await _ in self.readiness { return }
    }
}
