import MessageBus
import WireProtocol

/// A module or host in the hands of a test: it keeps what it is told, and does what the test gave it to do.
final class PeerProbe: BusConnectionDelegate {
    enum Event: Sendable, Equatable {
        case welcomed
        case registered
        case refused(Refusal)
        case reachable(Bool)
        case served(String)
        /// A handler saw that its task was cancelled.
        case cancelled(String)
    }

    let events = EventLog<Event>()
    private let build: @Sendable (Welcome) async throws -> Manifest
    private let answer: @Sendable (InboundCall) async -> BusReply

    init(
        build: @escaping @Sendable (Welcome) async throws -> Manifest = { _ in Manifest() },
        answer: @escaping @Sendable (InboundCall) async -> BusReply = { BusReply(status: .answer, body: $0.body) }
    ) {
        self.build = build
        self.answer = answer
    }

    static func answering(_ answer: @escaping @Sendable (InboundCall) async -> BusReply) -> PeerProbe {
        PeerProbe(answer: answer)
    }

    func welcomed(_ welcome: Welcome) async throws -> Manifest {
        self.events.append(.welcomed)
        return try await self.build(welcome)
    }

    func registered(_ registered: Registered) async throws { self.events.append(.registered) }
    func refused(_ refusal: Refusal) async { self.events.append(.refused(refusal)) }
    func reachabilityChanged(isReady: Bool) { self.events.append(.reachable(isReady)) }

    func serve(_ call: InboundCall) async -> BusReply {
        let reply = await withTaskCancellationHandler {
            await self.answer(call)
        } onCancel: {
            self.events.append(.cancelled(call.target))
        }
        self.events.append(.served(call.target))
        return reply
    }

    func waitUntilReady() async throws {
        _ = try await self.events.next { $0 == .reachable(true) }
    }
}

/// Something that work waits for until the test opens it.
final class Gate: Sendable {
    private let log = EventLog<Bool>()

    func open() { self.log.append(true) }

    /// Waits, also when the waiting task is cancelled: a handler that does not listen.
    func wait() async {
        await Task { _ = try? await self.log.next() }.value
    }
}
