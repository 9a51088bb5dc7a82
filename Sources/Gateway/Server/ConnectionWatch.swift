internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Watches one connection from within its pipeline.
///
/// It tells when the client goes, so that nobody works on for a client that is not there. A client that only closes its
/// sending side counts as gone, as it does for other proxies: the two cannot be told apart.
///
/// It also closes connections that would be kept for nothing: of a client that does not read its response, and of one that
/// keeps sending a body which has been answered already.
final class ConnectionWatch: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let bounds: ConnectionBounds
    private let clientHasGone: @Sendable () -> Void
    private var isReadingRequest = false
    private var isLastResponse = false
    /// What may still be read of a body that has been answered; `nil` while there is none.
    private var leftover: Int?
    private var leftoverEnd: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(bounds: ConnectionBounds, clientHasGone: @escaping @Sendable () -> Void) {
        self.bounds = bounds
        self.clientHasGone = clientHasGone
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head: self.isReadingRequest = true
        case .body(let buffer): self.discard(buffer.readableBytes, context)
        case .end: self.requestEnded(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch self.unwrapOutboundIn(data) {
        case .head(let head) where head.status.code >= 200:
            self.isLastResponse = head.headerFields[.connection] == "close"
        case .end:
            return self.responseEnds(context, data, promise)
        default:
            break
        }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.stall?.cancel()
        self.stall = context.channel.isWritable ? nil : Self.close(context.channel, in: self.bounds.stallTimeout)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { self.clientHasGone() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.clientHasGone()
        self.leftoverEnd?.cancel()
        self.stall?.cancel()
        context.fireChannelInactive()
    }

    private func responseEnds(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        if self.isReadingRequest {
            self.leftover = self.bounds.leftoverMax
            self.leftoverEnd = Self.close(context.channel, in: self.bounds.leftoverTimeout)
        } else if self.isLastResponse {
            return self.writeAndClose(context, data, promise)
        }
        context.write(data, promise: promise)
    }

    private func writeAndClose(_ context: ChannelHandlerContext, _ data: NIOAny, _ promise: EventLoopPromise<Void>?) {
        let written = promise ?? context.eventLoop.makePromise()
        let channel = context.channel
        written.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.write(data, promise: written)
    }

    private func discard(_ count: Int, _ context: ChannelHandlerContext) {
        guard let leftover = self.leftover else { return }
        self.leftover = leftover - count
        if leftover < count { context.close(promise: nil) }
    }

    private func requestEnded(_ context: ChannelHandlerContext) {
        self.isReadingRequest = false
        self.leftoverEnd?.cancel()
        self.leftoverEnd = nil
        guard self.leftover != nil else { return }
        self.leftover = nil
        if self.isLastResponse { context.close(promise: nil) }
    }

    private static func close(_ channel: any Channel, in time: TimeAmount) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }
}
