internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes

/// A client's connection: Hummingbird's HTTP/1 channel, whose work ends when the client goes.
struct GatewayChannel: ServerChildChannel {
    /// An open connection.
    struct Value: ServerChildChannelValue {
        let connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        /// Ends when the client goes.
        let presence: AsyncStream<Never>
        let remote: String?

        var channel: any Channel { self.connection.channel }
    }

    private let responder: HTTPChannelHandler.Responder
    private let configuration: GatewayConfiguration

    init(_ configuration: GatewayConfiguration, responder: @escaping HTTPChannelHandler.Responder) {
        self.configuration = configuration
        self.responder = Self.inviting(bodiesUpTo: configuration.bodySizeMax, responder)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (presence, departure) = AsyncStream<Never>.makeStream()
        let remote = channel.remoteAddress.flatMap(Self.text)
        let bounds = ConnectionBounds(stallTimeout: TimeAmount(self.configuration.idleTimeout))
        let watch: @Sendable () -> [any RemovableChannelHandler] = {
            [ConnectionWatch(bounds: bounds) { departure.finish() }]
        }
        return self.http1(watch).setup(channel: channel, logger: logger)
            .map { Value(connection: $0, presence: presence, remote: remote) }
    }

    func handle(value: Value, logger: Logger) async {
        await ClientConnection.$remote.withValue(value.remote) {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.http1().handle(value: value.connection, logger: logger) }
                group.addTask { for await _ in value.presence {} }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private func http1(_ handlers: @escaping @Sendable () -> [any RemovableChannelHandler] = { [] }) -> HTTP1Channel {
        HTTP1Channel(
            responder: self.responder,
            configuration: .init(
                additionalChannelHandlers: handlers(),
                idleTimeout: TimeAmount(self.configuration.idleTimeout),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: self.configuration.headSizeMax,
                    maxHeaderListSize: self.configuration.headSizeMax,
                    maxHeaderFieldCount: self.configuration.headerCountMax
                )
            )
        )
    }

    /// Answers `Expect: 100-continue`, unless the body would be refused anyway.
    private static func inviting(
        bodiesUpTo limit: Int,
        _ responder: @escaping HTTPChannelHandler.Responder
    ) -> HTTPChannelHandler.Responder {
        { request, writer, channel in
            if request.headers[.expect]?.lowercased() == "100-continue",
                request.headers[.contentLength].flatMap({ Int($0) }) ?? 0 <= limit
            {
                try await writer.writeInformationalHead(HTTPResponse(status: .continue))
            }
            try await responder(request, writer, channel)
        }
    }

    private static func text(_ address: SocketAddress) -> String? {
        guard let host = address.ipAddress, let port = address.port else { return nil }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
