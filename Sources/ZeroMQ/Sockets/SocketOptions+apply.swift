internal import CZeroMQ

extension SocketOptions {
    func apply(to handle: SocketHandle, kind: Socket.Kind) throws(ZeroMQError) {
        try self.applyQueues(to: handle)
        try self.applyConnections(to: handle)
        if kind == .router {
            try handle.set(ZMQ_ROUTER_MANDATORY, "ZMQ_ROUTER_MANDATORY", self.routerMandatory)
            try handle.set(ZMQ_ROUTER_HANDOVER, "ZMQ_ROUTER_HANDOVER", self.routerHandover)
        }
        if let heartbeat {
            try handle.set(ZMQ_HEARTBEAT_IVL, "ZMQ_HEARTBEAT_IVL", heartbeat.interval)
            try handle.set(ZMQ_HEARTBEAT_TIMEOUT, "ZMQ_HEARTBEAT_TIMEOUT", heartbeat.timeout)
            try handle.set(ZMQ_HEARTBEAT_TTL, "ZMQ_HEARTBEAT_TTL", heartbeat.timeToLive)
        }
        if let tcpKeepAlive {
            try handle.set(ZMQ_TCP_KEEPALIVE, "ZMQ_TCP_KEEPALIVE", true)
            try handle.set(ZMQ_TCP_KEEPALIVE_IDLE, "ZMQ_TCP_KEEPALIVE_IDLE", seconds: tcpKeepAlive.idle)
            try handle.set(ZMQ_TCP_KEEPALIVE_INTVL, "ZMQ_TCP_KEEPALIVE_INTVL", seconds: tcpKeepAlive.interval)
            try handle.set(ZMQ_TCP_KEEPALIVE_CNT, "ZMQ_TCP_KEEPALIVE_CNT", tcpKeepAlive.count)
        }
        try self.applySecurity(to: handle)
    }

    private func applyQueues(to handle: SocketHandle) throws(ZeroMQError) {
        try handle.set(ZMQ_LINGER, "ZMQ_LINGER", self.linger)
        try handle.set(ZMQ_SNDHWM, "ZMQ_SNDHWM", self.sendHighWaterMark)
        try handle.set(ZMQ_RCVHWM, "ZMQ_RCVHWM", self.receiveHighWaterMark)
        try handle.set(ZMQ_MAXMSGSIZE, "ZMQ_MAXMSGSIZE", wide: Int64(self.maximumMessageSize ?? -1))
        try handle.set(ZMQ_IMMEDIATE, "ZMQ_IMMEDIATE", self.immediate)
    }

    private func applyConnections(to handle: SocketHandle) throws(ZeroMQError) {
        try handle.set(ZMQ_RECONNECT_IVL, "ZMQ_RECONNECT_IVL", self.reconnectInterval)
        try handle.set(ZMQ_RECONNECT_IVL_MAX, "ZMQ_RECONNECT_IVL_MAX", self.maximumReconnectInterval)
        try handle.set(ZMQ_HANDSHAKE_IVL, "ZMQ_HANDSHAKE_IVL", self.handshakeInterval)
        try handle.set(ZMQ_BACKLOG, "ZMQ_BACKLOG", self.backlog)
    }

    private func applySecurity(to handle: SocketHandle) throws(ZeroMQError) {
        switch self.curve {
        case .server(let secretKey):
            try handle.set(ZMQ_CURVE_SERVER, "ZMQ_CURVE_SERVER", true)
            try handle.set(ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY", bytes: secretKey.bytes)
        case .client(let keys, let serverKey):
            try handle.set(ZMQ_CURVE_SERVERKEY, "ZMQ_CURVE_SERVERKEY", bytes: serverKey.bytes)
            try handle.set(ZMQ_CURVE_PUBLICKEY, "ZMQ_CURVE_PUBLICKEY", bytes: keys.publicKey.bytes)
            try handle.set(ZMQ_CURVE_SECRETKEY, "ZMQ_CURVE_SECRETKEY", bytes: keys.secretKey.bytes)
        case nil:
            break
        }
        if let zapDomain {
            try handle.set(ZMQ_ZAP_DOMAIN, "ZMQ_ZAP_DOMAIN", bytes: Array(zapDomain.utf8))
            // Without it, libzmq lets everybody in for as long as no handler listens.
            try handle.set(ZMQ_ZAP_ENFORCE_DOMAIN, "ZMQ_ZAP_ENFORCE_DOMAIN", true)
        }
    }
}

extension SocketHandle {
    fileprivate func set(_ option: CInt, _ name: String, _ value: Int) throws(ZeroMQError) {
        var value = CInt(clamping: value)
        try self.set(option, name, &value, MemoryLayout<CInt>.size)
    }

    fileprivate func set(_ option: CInt, _ name: String, _ value: Bool) throws(ZeroMQError) {
        try self.set(option, name, value ? 1 : 0)
    }

    fileprivate func set(_ option: CInt, _ name: String, _ value: Duration) throws(ZeroMQError) {
        try self.set(option, name, value.wholeMilliseconds)
    }

    fileprivate func set(_ option: CInt, _ name: String, seconds value: Duration) throws(ZeroMQError) {
        try self.set(option, name, Int(clamping: value.components.seconds))
    }

    fileprivate func set(_ option: CInt, _ name: String, wide value: Int64) throws(ZeroMQError) {
        var value = value
        try self.set(option, name, &value, MemoryLayout<Int64>.size)
    }

    fileprivate func set(_ option: CInt, _ name: String, bytes value: [UInt8]) throws(ZeroMQError) {
        try self.set(option, name, value, value.count)
    }

    private func set(
        _ option: CInt,
        _ name: String,
        _ value: UnsafeRawPointer,
        _ count: Int
    ) throws(ZeroMQError) {
        guard zmq_setsockopt(self.pointer, option, value, count) == 0 else {
            throw ZeroMQError(call: "zmq_setsockopt(\(name))")
        }
    }
}

extension Duration {
    /// Rounded up, so that a short wait never becomes none.
    var wholeMilliseconds: Int {
        let (seconds, attoseconds) = self.components
        // Three hundred centuries are enough, and cannot overflow.
        let bounded = Int(min(max(seconds, -1_000_000_000_000), 1_000_000_000_000))
        let part = attoseconds > 0 ? attoseconds + 999_999_999_999_999 : attoseconds
        return bounded * 1000 + Int(part / 1_000_000_000_000_000)
    }
}
