import Testing
import ZeroMQ

/// Two loops that talk over real sockets, with tasks on one of them.
@Suite(.timeLimit(.minutes(1)))
struct PollLoopEchoTests {
    @Test(arguments: Transport.allCases)
    func everyCallGetsItsOwnAnswer(over transport: Transport) async throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        try await withPollLoop { serving in
            try await withPollLoop { calling in
                let endpoint = try await serving.value {
                    let server = try EchoServer(at: transport.endpoint(in: folder), in: context)
                    serving.attach(server)
                    return try server.endpoint()
                }
                let client = try await calling.value {
                    let client = try EchoClient(to: endpoint, in: context)
                    calling.attach(client)
                    return LoopConfined(resident: client, on: calling)
                }
                await withTaskExecutorPreference(calling) {
                    await withTaskGroup(of: Int.self) { group in
                        for caller in 0..<64 {
                            group.addTask { await Self.call(client, caller: caller, times: 50) }
                        }
                        var answers = 0
                        for await count in group { answers += count }
                        #expect(answers == 64 * 50)
                    }
                }
            }
        }
    }

    private static func call(_ client: LoopConfined<EchoClient>, caller: Int, times: Int) async -> Int {
        var answers = 0
        for number in 0..<times {
            let body = Array("\(caller)/\(number)".utf8)
            let answer = await withCheckedContinuation { continuation in
                client.withValue { $0.call(body, continuation) }
            }
            if answer == body { answers += 1 }
        }
        return answers
    }
}

/// Sends every message back.
private final class EchoServer: PollLoopResident {
    private let socket: Socket

    init(at endpoint: String, in context: Context) throws {
        self.socket = try Socket(.router, in: context)
        try self.socket.bind(to: endpoint)
    }

    func endpoint() throws -> String {
        try self.socket.lastEndpoint()
    }

    func turn() -> Bool {
        do {
            var message = Message()
            for _ in 0..<256 {
                guard try self.socket.receive(into: &message) else { return false }
                _ = try self.socket.send(&message, more: message.hasMore)
            }
        } catch {
            Issue.record(error)
        }
        return true
    }

    func prepareToWait(_ wait: inout PollWait) {
        wait.add(self.socket, .readable)
    }

    func loopWillStop() {}
}

/// Sends calls, and gives each the answer with its number.
private final class EchoClient: PollLoopResident {
    private let socket: Socket
    private var waiting: [UInt64: CheckedContinuation<[UInt8], Never>] = [:]
    private var queued: [(UInt64, [UInt8])] = []
    private var next: UInt64 = 0

    init(to endpoint: String, in context: Context) throws {
        self.socket = try Socket(.dealer, in: context)
        try self.socket.connect(to: endpoint)
    }

    func call(_ body: [UInt8], _ continuation: CheckedContinuation<[UInt8], Never>) {
        self.next += 1
        self.waiting[self.next] = continuation
        self.queued.append((self.next, body))
    }

    func turn() -> Bool {
        do {
            try self.sendQueued()
            var header = Message()
            var body = Message()
            for _ in 0..<256 {
                guard try self.socket.receive(into: &header), try self.socket.receive(into: &body) else { return false }
                let number = header.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
                self.waiting.removeValue(forKey: number)?.resume(returning: [UInt8](body))
            }
        } catch {
            Issue.record(error)
        }
        return true
    }

    private func sendQueued() throws {
        while let (number, bytes) = self.queued.first {
            var header = Message(count: 8) { $0.storeBytes(of: number, as: UInt64.self) }
            guard try self.socket.send(&header, more: true) else { return }
            var body = Message(bytes)
            _ = try self.socket.send(&body, more: false)
            self.queued.removeFirst()
        }
    }

    func prepareToWait(_ wait: inout PollWait) {
        wait.add(self.socket, self.queued.isEmpty ? .readable : [.readable, .writable])
    }

    func loopWillStop() {}
}
