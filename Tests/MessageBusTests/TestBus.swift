import Foundation
import Logging
import MessageBus
import Synchronization
import Testing
import WireProtocol
import ZeroMQ

/// A ROUTER that welcomes everybody, echoes calls to `echo`, and leaves `silence` unanswered.
struct EchoCore: RouterCore {
    var nextDeadline: MonotonicTime? { nil }

    mutating func receive(
        _ envelope: Envelope,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let header = envelope.header
        switch header.kind {
        case .hello:
            actions.append(
                .send(Envelope(Header(kind: .welcome), body: Welcome(dispatcher: "echo").encoded()), to: peer)
            )
        case .call where header.target == "echo":
            let reply = Header(kind: .reply, flags: MessageFlags(.answer), callID: header.callID)
            actions.append(.send(Envelope(reply, body: envelope.body), to: peer))
        case .ping:
            actions.append(.send(Envelope(Header(kind: .pong, callID: header.callID)), to: peer))
        default:
            break
        }
    }

    mutating func receiveMalformed(
        _ error: WireError,
        from peer: PeerID,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {}

    mutating func sendFailed(
        _ header: Header,
        to peer: PeerID,
        reason: SendFailure,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {}

    mutating func connectionsChanged(at now: MonotonicTime, into actions: inout [RouterAction]) {}
    mutating func advance(to now: MonotonicTime, into actions: inout [RouterAction]) {}
    mutating func stop(at now: MonotonicTime, into actions: inout [RouterAction]) {}
}

/// A host whose tests wait until it can call.
final class ReadyDelegate: BusConnectionDelegate {
    private let state = Mutex<(isReady: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    func reachabilityChanged(isReady: Bool) {
        let waiters = self.state.withLock { state in
            state.isReady = isReady
            defer { if isReady { state.waiters = [] } }
            return isReady ? state.waiters : []
        }
        for waiter in waiters { waiter.resume() }
    }

    func waitUntilReady() async {
        await withCheckedContinuation { waiter in
            let isReady = self.state.withLock { state in
                if !state.isReady { state.waiters.append(waiter) }
                return state.isReady
            }
            if isReady { waiter.resume() }
        }
    }
}

struct TestBus {
    let host: BusConnection
}

/// Runs a ROUTER and a host in this process, on real sockets and a loop each.
func withBus(_ body: (TestBus) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "bus-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let endpoint = "ipc://\(folder.path)/bus.sock"
    let logger = Logger(label: "test")
    let context = try Context()
    let loops = (PollLoop(label: "router"), PollLoop(label: "peer"))
    try loops.0.start()
    try loops.1.start()
    let router = RouterService(
        core: EchoCore(),
        configuration: RouterConfiguration(endpoints: [endpoint]),
        loop: loops.0,
        context: context,
        logger: logger
    )
    let delegate = ReadyDelegate()
    let host = BusConnection(
        configuration: BusConnectionConfiguration(endpoint: endpoint, id: "host", role: .host),
        loop: loops.1,
        context: context,
        delegate: delegate,
        logger: logger
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await router.run() }
        group.addTask { try await host.run() }
        await delegate.waitUntilReady()
        try await body(TestBus(host: host))
        group.cancelAll()
        while let result = await group.nextResult() {
            if case .failure(let error) = result, !(error is CancellationError) { throw error }
        }
    }
    loops.0.stop()
    loops.1.stop()
    await loops.0.waitUntilStopped()
    await loops.1.waitUntilStopped()
}
