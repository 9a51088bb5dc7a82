import ZeroMQ

/// Sends what is no message: as much as the bus takes, and again as soon as it takes more.
final class Flood: PollLoopResident {
    private static let batch = 256
    private static let noise = [UInt8](repeating: 0x2A, count: 512)

    private let socket: Socket
    private var hasEnded = false

    init(to endpoint: String) throws {
        var options = SocketOptions()
        options.linger = .zero
        self.socket = try Socket(.dealer, in: try Context(), options: options)
        try self.socket.connect(to: endpoint)
    }

    func turn() -> Bool {
        guard !self.hasEnded else { return false }
        do {
            for _ in 0..<Self.batch {
                var frame = Message(Self.noise)
                guard try self.socket.send(&frame, more: false) else { return false }
            }
        } catch {
            self.hasEnded = true
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
    }
}
