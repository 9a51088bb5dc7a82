import SeededRandom
import Testing
import ZeroMQ

/// A DEALER that says what it likes.
enum RawPeer {
    /// A seeded sequence of numbers (SplitMix64 by Sebastiano Vigna).
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var value = self.state
            value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
            return value ^ (value >> 31)
        }
    }

    /// Sends messages as fast as they are taken, for ten seconds at most.
    static func send(
        _ count: Int,
        to platform: TestPlatform,
        _ message: (inout Generator) -> [[UInt8]]
    ) throws {
        var options = SocketOptions()
        options.linger = .zero
        let socket = try Socket(.dealer, in: try Context(), options: options)
        try socket.connect(to: platform.bus)
        var generator = Generator(state: 42)
        let deadline = ContinuousClock.now + .seconds(10)
        var sent = 0
        while sent < count, ContinuousClock.now < deadline {
            let frames = message(&generator)
            if try self.send(frames, over: socket) { sent += 1 }
        }
        #expect(sent > 0)
    }

    /// Sends one message, or says that there is no room now.
    static func send(_ frames: [[UInt8]], over socket: borrowing Socket) throws -> Bool {
        for (index, bytes) in frames.enumerated() {
            var frame = Message(bytes)
            guard try socket.send(&frame, more: index < frames.count - 1) else { return false }
        }
        return true
    }
}
