internal import WireProtocol
internal import ZeroMQ

/// The dispatcher's socket: it sends and receives frames as they are, right or wrong.
///
/// It has a context of its own. That ends with it and waits until the file of an ipc endpoint is gone, which would otherwise be taken from
/// under the next socket that is bound there.
final class BoundRouter {
    private let context: Context
    private let socket: Socket
    private var frame = Message()

    init(endpoint: String) throws(ZeroMQError) {
        self.context = try Context()
        var options = SocketOptions()
        options.linger = .zero
        self.socket = try Socket(.router, in: self.context, options: options)
        try self.socket.bind(to: endpoint)
    }

    /// An endpoint of this machine that nobody has: bound, asked for its number, and let go again, for it is bound anew with each restart that is played.
    static func freeTCPEndpoint() throws(ZeroMQError) -> String {
        let router = try BoundRouter(endpoint: "tcp://127.0.0.1:*")
        return try router.socket.lastEndpoint()
    }

    deinit {
        self.socket.close()
        self.context.terminate()
    }

    func await(_ wait: inout PollWait) {
        wait.add(self.socket, .readable)
    }

    /// The next message, if a whole one is there.
    func receive() throws(ZeroMQError) -> ConformanceEvent? {
        guard try self.socket.receive(into: &self.frame) else { return nil }
        let connection = Connection(routingID: [UInt8](self.frame))
        var frames: [[UInt8]] = []
        var hasMore = self.frame.hasMore
        while hasMore, try self.socket.receive(into: &self.frame) {
            hasMore = self.frame.hasMore
            // More than any message has: enough to know that it is none.
            if frames.count < 8 { frames.append([UInt8](self.frame)) }
        }
        return .frames(frames, from: connection)
    }

    /// Sends a message, unless the connection is gone or takes nothing more: the module will be missed by the check that waits for it.
    func send(_ frames: [[UInt8]], to connection: Connection) throws(ZeroMQError) {
        let parts = [connection.routingID] + frames
        do throws(ZeroMQError) {
            for (index, bytes) in parts.enumerated() {
                var frame = Message(bytes)
                guard try self.socket.send(&frame, more: index < parts.count - 1) else { return }
            }
        } catch {
            guard error.code == .hostUnreachable else { throw error }
        }
    }
}
