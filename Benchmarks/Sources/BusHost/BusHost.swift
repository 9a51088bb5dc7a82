internal import Foundation
internal import Logging
public import MessageBus
internal import WireProtocol
internal import ZeroMQ

/// A process that calls and offers nothing.
public enum BusHost {
    /// Connects, does something on the thread of the connection's loop, and leaves.
    ///
    /// On that thread a call costs no change of thread: as the SDK runs a module's code. When the work or the connection fails, the
    /// process says why and ends with status 1.
    public static func run(_ endpoint: String, _ work: @escaping @Sendable (BusConnection) async throws -> Void) async {
        do {
            try await self.connect(endpoint, work)
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func connect(
        _ endpoint: String,
        _ work: @escaping @Sendable (BusConnection) async throws -> Void
    ) async throws {
        let loop = PollLoop(label: "benchmark")
        try loop.start()
        let readiness = Readiness()
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(endpoint: endpoint, id: "benchmark", role: .host),
            loop: loop,
            context: try Context(),
            delegate: readiness,
            logger: Logger(label: "benchmark")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            await readiness.wait()
            try await withTaskExecutorPreference(loop) { try await work(connection) }
            group.cancelAll()
        }
        loop.stop()
        await loop.waitUntilStopped()
    }
}

/// Knows when calls can be made.
private struct Readiness: BusConnectionDelegate {
    private let changes: AsyncStream<Void>
    private let whenReady: AsyncStream<Void>.Continuation

    init() {
        (self.changes, self.whenReady) = AsyncStream.makeStream()
    }

    func reachabilityChanged(isReady: Bool) {
        if isReady { self.whenReady.yield() }
    }

    func wait() async {
        for await _ in self.changes { return }
    }
}
