import SeededRandom
import Testing
import WireProtocol

/// Whatever the bytes, there is a value or a typed error: the compiler sees to the type, these to the absence of traps.
struct HostileFramesTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func randomFramesNeverTrap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<10_000 {
            let frames = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                [UInt8].random(count: Int.random(in: 0...48, using: &random), using: &random)
            }
            Self.expectValueOrError(frames)
        }
    }

    @Test(arguments: [5, 6, 7, 8] as [UInt64])
    func mutatedFramesNeverTrap(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let originals = try ProtocolDocument().goldenMessages.map(\.frames)
        for _ in 0..<20_000 {
            var frames = originals[Int.random(in: 0..<originals.count, using: &random)]
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                frames.mutate(using: &random)
            }
            Self.expectValueOrError(frames)
        }
    }

    /// What was read is read again from what it writes.
    private static func expectValueOrError(_ frames: [[UInt8]]) {
        do throws(WireError) {
            let envelope = try Envelope(frames: frames)
            if envelope.frames != frames { Issue.record("written differently: \(frames)") }
            try Self.readBody(of: envelope)
        } catch {
            if error.message.isEmpty { Issue.record("an error without a reason: \(frames)") }
        }
    }

    private static func readBody(of envelope: Envelope) throws(WireError) {
        switch envelope.header.kind {
        case .hello: _ = try Hello(decoding: envelope.body)
        case .welcome: _ = try Welcome(decoding: envelope.body)
        case .register: _ = try Manifest(decoding: envelope.body)
        case .registered: _ = try Registered(decoding: envelope.body)
        case .refused: _ = try Refusal(decoding: envelope.body)
        case .bye: _ = try Farewell(decoding: envelope.body)
        case .table: _ = try RoutingTableMessage(decoding: envelope.body)
        case .reply: _ = try BusFault(decoding: envelope.body)
        case .call: _ = try WebRequestMetadata(decoding: envelope.metadata ?? .empty)
        default: break
        }
    }
}
