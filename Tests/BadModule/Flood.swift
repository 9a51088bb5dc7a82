import ZeroMQ

/// Sends what is no message: as much as the bus takes, and again as soon as it takes more.
final class Flood: PollLoopResident {
    private static let batch = 256
    private static let noise = [UInt8](repeating: 0x2A, count: 512)
    /// More messages than can lie between two processes.
    ///
    /// 256 and 10,000 fit into the queues of the sockets, and some hundred into what the system takes for a connection over
    /// ipc. Once these are sent, some were read.
    private static let readCount = 50_000

    private let socket: Socket
    private let whenRead: () -> Void
    private var hasTold = false
    private var count = 0
    private var hasEnded = false

    /// Tells once, on the loop's thread, that the other side reads what is sent; or that nothing more will be sent.
    init(to endpoint: String, whenRead: @escaping () -> Void) throws {
        self.whenRead = whenRead
        var options = SocketOptions()
        options.linger = .zero
        options.sendHighWaterMark = Self.batch
        self.socket = try Socket(.dealer, in: try Context(), options: options)
        try self.socket.connect(to: endpoint)
    }

    func turn() -> Bool {
        guard !self.hasEnded else { return false }
        do {
            for _ in 0..<Self.batch {
                var frame = Message(Self.noise)
                guard try self.socket.send(&frame, more: false) else { return false }
                self.count += 1
                if self.count == Self.readCount { self.tell() }
            }
        } catch {
            self.hasEnded = true
            self.tell()
            BadConduct.say("the flood ended: \(error)")
            return false
        }
        return true
    }

    func prepareToWait(_ wait: inout PollWait) {
        guard !self.hasEnded else { return }
        wait.add(self.socket, .writable)
    }

    func loopWillStop() {
        self.socket.close()
        self.tell()
    }

    private func tell() {
        guard !self.hasTold else { return }
        self.hasTold = true
        self.whenRead()
    }
}
