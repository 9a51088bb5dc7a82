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
        let thread = try SocketThread(label: "benchmark")
        // Told to end, and waited for, wherever this leaves: after the connection, which says goodbye over its sockets.
        async let _: Void = thread.run()
        let readiness = Readiness()
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(endpoint: endpoint, id: "benchmark", role: .host),
            loop: thread.loop,
            context: thread.context,
            delegate: readiness,
            logger: Logger(label: "benchmark")
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await connection.run() }
            group.addTask {
                try await readiness.wait()
                try await withTaskExecutorPreference(thread.loop) { try await work(connection) }
            }
            // Whoever ends first ends the other: a connection that fails before it is ready has to say why.
            defer { group.cancelAll() }
            try await group.next()
        }
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

    /// - Throws: `CancellationError` when the connection ended before it was ready.
    func wait() async throws {
        for await _ in self.changes { return }
        throw CancellationError()
    }
}
