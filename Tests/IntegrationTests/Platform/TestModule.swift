import Logging
import MessageBus
import Synchronization
import Testing
import WireProtocol
import ZeroMQ

/// A module in the test's own process, on a real socket, whose answers the test decides.
final class TestModule: BusConnectionDelegate {
    typealias Answer = @Sendable (InboundCall) async -> BusReply

    private enum Outcome {
        case registered(Registered)
        case refused(Refusal)
    }

    private let id: String
    private let manifest: Manifest
    private let answer: Answer
    private let outcome = Mutex<Outcome?>(nil)
    private let runner = Mutex<Task<Void, any Error>?>(nil)
    private let connection = Mutex<BusConnection?>(nil)

    private init(id: String, manifest: Manifest, answer: @escaping Answer) {
        self.id = id
        self.manifest = manifest
        self.answer = answer
    }

    /// Connects a module and waits until it is registered or refused.
    ///
    /// - Parameters:
    ///   - platform: The platform to join.
    ///   - id: The module's name.
    ///   - manifest: What it registers.
    ///   - answer: Answers its calls; by default with its name.
    /// - Returns: The module, with the dispatcher's word.
    /// - Throws: When there was no word in time.
    static func join(
        _ platform: TestPlatform,
        as id: String,
        _ manifest: Manifest,
        answer: Answer? = nil
    ) async throws -> TestModule {
        let module = TestModule(
            id: id,
            manifest: manifest,
            answer: answer ?? { _ in BusReply(status: .answer, body: Payload(id)) }
        )
        let loop = PollLoop(label: id)
        try loop.start()
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(
                endpoint: platform.bus,
                id: id,
                role: .module,
                version: "test"
            ),
            loop: loop,
            context: try Context(),
            delegate: module,
            logger: Logger(label: id) { _ in SwiftLogNoOpLogHandler() }
        )
        module.connection.withLock { $0 = connection }
        // Ends in leave(), or with the test's process.
        let task = Task {
            defer { loop.stop() }
            try await connection.run()
        }
        module.runner.withLock { $0 = task }
        try await eventually("\(id) hears from the dispatcher", within: .seconds(5)) {
            module.outcome.withLock { $0 != nil }
        }
        return module
    }

    func welcomed(_ welcome: Welcome) async throws -> Manifest { self.manifest }

    func registered(_ registered: Registered) async throws {
        self.outcome.withLock { $0 = .registered(registered) }
    }

    func refused(_ refusal: Refusal) async {
        self.outcome.withLock { $0 = .refused(refusal) }
    }

    func serve(_ call: InboundCall) async -> BusReply {
        await self.answer(call)
    }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    func registered() throws -> Registered {
        guard case .registered(let registered) = self.outcome.withLock({ $0 }) else {
            throw Unexpected(description: "\(self.id) was not registered")
        }
        return registered
    }

    func refused() throws -> Refusal {
        guard case .refused(let refusal) = self.outcome.withLock({ $0 }) else {
            throw Unexpected(description: "\(self.id) was not refused")
        }
        return refusal
    }

    /// Says that the module takes calls, or why it takes none.
    func announce(_ readiness: Readiness) {
        self.connection.withLock { $0 }?.announce(readiness)
    }

    /// Ends the connection and waits until it has ended.
    func leave() async throws {
        let task = self.runner.withLock { $0 }
        task?.cancel()
        _ = await task?.result
    }
}
