import Dispatch
import Synchronization
import WireProtocol
import ZeroMQ

/// A module that registers as it should, and then sends as much of what it likes as the bus takes.
final class FloodingModule: Sendable {
    typealias Flood = @Sendable (inout RawPeer.Generator) -> [[UInt8]]

    private let hasToStop = Atomic<Bool>(false)
    private let sent = Atomic<Int>(0)
    private let failure = Mutex<(any Error)?>(nil)
    private let end = DispatchSemaphore(value: 0)

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }

    /// Begins a flood on a thread of its own, which ends with ``stop()``, or after a minute.
    init(_ platform: TestPlatform, as id: String, _ manifest: Manifest, _ flood: @escaping Flood) {
        let endpoint = platform.bus
        DispatchQueue.global().async {
            do {
                try self.run(endpoint, id, manifest, flood)
            } catch {
                self.failure.withLock { $0 = error }
            }
            self.end.signal()
        }
    }

    /// How many messages the bus took.
    var count: Int { self.sent.load(ordering: .relaxed) }

    /// Ends the flood.
    ///
    /// - Throws: Why it could not begin, or go on.
    func stop() throws {
        self.hasToStop.store(true, ordering: .relaxed)
        guard self.end.wait(timeout: .now() + 10) == .success else {
            throw Unexpected(description: "the flood did not end")
        }
        if let error = self.failure.withLock({ $0 }) { throw error }
    }

    private func run(_ endpoint: String, _ id: String, _ manifest: Manifest, _ flood: Flood) throws {
        var options = SocketOptions()
        options.linger = .zero
        let socket = try Socket(.dealer, in: try Context(), options: options)
        try socket.connect(to: endpoint)
        let deadline = ContinuousClock.now + .seconds(60)
        let hello = Hello(id: id, role: .module, version: "flood", incarnation: "f100d", heartbeatMilliseconds: 1000)
        try self.say(.hello, hello.encoded(), until: deadline, over: socket)
        try self.hear(.welcome, until: deadline, over: socket)
        try self.say(.register, manifest.encoded(), until: deadline, over: socket)
        try self.hear(.registered, until: deadline, over: socket)
        try self.say(.ready, .empty, until: deadline, over: socket)
        var generator = RawPeer.Generator(state: 42)
        while !self.hasToStop.load(ordering: .relaxed), ContinuousClock.now < deadline {
            if try RawPeer.send(flood(&generator), over: socket) { self.sent.add(1, ordering: .relaxed) }
        }
    }

    private func say(
        _ kind: MessageKind,
        _ body: Payload,
        until deadline: ContinuousClock.Instant,
        over socket: borrowing Socket
    ) throws {
        while try !RawPeer.send([Header(kind: kind).encoded(), body.bytes], over: socket) {
            guard ContinuousClock.now < deadline else { throw Unexpected(description: "\(kind) was not taken") }
        }
    }

    /// Reads until a message of a kind has come, and the whole of it.
    private func hear(
        _ kind: MessageKind,
        until deadline: ContinuousClock.Instant,
        over socket: borrowing Socket
    ) throws {
        var frame = Message()
        var isWanted = false
        while ContinuousClock.now < deadline {
            guard try socket.receive(into: &frame) else { continue }
            if let header = try? frame.withUnsafeBytes({ try Header(decoding: $0) }), header.kind == kind {
                isWanted = true
            }
            if isWanted, !frame.hasMore { return }
        }
        throw Unexpected(description: "no \(kind) came")
    }
}
