internal import ZeroMQ

/// One DEALER socket and the watch over its connection; closes both when it is let go.
final class PeerLink {
    let socket: Socket
    let monitor: MonitorSocket

    init(configuration: BusConnectionConfiguration, context: Context) throws(ZeroMQError) {
        var options = SocketOptions()
        // Messages for a connection that is not there would arrive on the next one, out of their time.
        options.immediate = true
        options.linger = configuration.linger
        options.maximumMessageSize = configuration.bodySizeMax + 4096
        options.reconnectInterval = .milliseconds(20)
        options.maximumReconnectInterval = .milliseconds(500)
        self.socket = try Socket(.dealer, in: context, options: options)
        self.monitor = try self.socket.monitor()
        try self.socket.connect(to: configuration.endpoint)
    }
}
