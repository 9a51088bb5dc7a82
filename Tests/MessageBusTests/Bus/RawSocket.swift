import Foundation
import ZeroMQ

/// A socket without the protocol: what it is given is sent as it stands, and what comes is kept.
///
/// `@unchecked Sendable` because it is made and used on its loop's thread only.
final class RawSocket: PollLoopResident, @unchecked Sendable {
    let received = EventLog<[[UInt8]]>()
    private let socket: Socket
    private var message = Message()
    private var isReading = true

    private init(_ kind: Socket.Kind, in context: Context, options: SocketOptions) throws {
        self.socket = try Socket(kind, in: context, options: options)
    }

    static func open(
        _ kind: Socket.Kind,
        on loop: PollLoop,
        in context: Context,
        options: SocketOptions = SocketOptions(),
        _ begin: @escaping @Sendable (borrowing Socket) throws -> Void
    ) async throws -> RawSocket {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try loop.execute {
                    continuation.resume(
                        with: Result {
                            let raw = try RawSocket(kind, in: context, options: options)
                            try begin(raw.socket)
                            loop.attach(raw)
                            return raw
                        }
                    )
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// Sends one message, whatever it is.
    func send(_ frames: [[UInt8]], on loop: PollLoop) throws {
        try loop.execute {
            for (index, bytes) in frames.enumerated() {
                var frame = Message(bytes)
                _ = try? self.socket.send(&frame, more: index + 1 < frames.count)
            }
        }
    }

    func close(on loop: PollLoop) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            do {
                try loop.execute {
                    loop.detach(self)
                    self.isReading = false
                    self.socket.close()
                    continuation.resume()
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    func stopReading(on loop: PollLoop) throws {
        try loop.execute { self.isReading = false }
    }

    func turn() -> Bool {
        while self.isReading, (try? self.socket.receive(into: &self.message)) == true {
            var frames = [[UInt8](self.message)]
            while self.message.hasMore, (try? self.socket.receive(into: &self.message)) == true {
                frames.append([UInt8](self.message))
            }
            self.received.append(frames)
        }
        return false
    }

    func prepareToWait(_ wait: inout PollWait) {
        if self.isReading { wait.add(self.socket, .readable) }
    }

    func loopWillStop() {}
}
