import NIOCore
import NIOPosix

/// A client that says on a socket exactly what a test wants it to say.
struct RawConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var buffer = ByteBuffer()

    /// Connects, and closes when the test is done with the connection.
    static func open<Value: Sendable>(
        port: Int?,
        _ body: (inout RawConnection) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: "localhost", port: port ?? 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(outbound: outbound, inbound: inbound.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    private init(
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.outbound = outbound
        self.inbound = inbound
    }

    func send(_ text: String) async throws {
        try await self.outbound.write(ByteBuffer(string: text))
    }

    /// The next head, with its blank line; `nil` when the server has closed.
    mutating func readHead() async throws -> String? {
        while true {
            if let end = self.buffer.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) {
                return self.buffer.readString(length: end.upperBound - self.buffer.readerIndex)
            }
            guard var next = try await self.inbound.next(isolation: #isolation) else { return nil }
            self.buffer.writeBuffer(&next)
        }
    }

    /// The next bytes of a body.
    mutating func readBody(_ count: Int) async throws -> String? {
        while self.buffer.readableBytes < count {
            guard var next = try await self.inbound.next(isolation: #isolation) else { return nil }
            self.buffer.writeBuffer(&next)
        }
        return self.buffer.readString(length: count)
    }

    /// Reads until the server closes, however it does that.
    mutating func waitForEnd() async {
        while let next = try? await self.inbound.next(isolation: #isolation) {
            _ = next
        }
    }
}
