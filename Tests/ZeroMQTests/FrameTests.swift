import Testing
import ZeroMQ

struct FrameTests {
    @Test(arguments: [0, 10, 33, 34, 1 << 20])
    func everySharedMessageHasTheBytes(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let frame = Frame(Message(bytes))
        for _ in 0..<3 {
            #expect([UInt8](frame.share()) == bytes)
        }
        #expect([UInt8](frame) == bytes)
        #expect(frame.count == count)
    }

    @Test
    func sharingDoesNotCopyALargeBody() {
        let frame = Frame(Message([UInt8](repeating: 1, count: 1 << 20)))
        let address = UInt(bitPattern: frame.bytes.baseAddress)
        let first = frame.share()
        let second = frame.share()
        #expect(first.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == address)
        #expect(second.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == address)
    }

    @Test
    func aSharedMessageOutlivesItsFrame() {
        var frame: Frame? = Frame(Message([UInt8](repeating: 7, count: 100_000)))
        let shared = frame?.share() ?? Message()
        frame = nil
        #expect([UInt8](shared) == [UInt8](repeating: 7, count: 100_000))
    }

    @Test(arguments: [0, 10, 33, 64, 65, 5000])
    func whoHasAFrameAloneGetsItsMessage(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let message = Message(bytes)
        let address = message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        let taken = Frame.message(of: Frame(message))
        #expect([UInt8](taken) == bytes)
        guard count > 33 else { return }
        #expect(taken.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == address)
    }

    @Test
    func aFrameThatOthersHaveStaysWhatItIs() {
        let bytes = [UInt8](repeating: 3, count: 500)
        let frame = Frame(Message(bytes))
        let shared = Frame.message(of: frame)
        #expect([UInt8](shared) == bytes)
        #expect([UInt8](frame) == bytes)
        #expect([UInt8](frame.share()) == bytes)
    }

    @Test
    func aMessageTakenOfAFrameLeavesThoseThatSharedItBefore() {
        let bytes = [UInt8](repeating: 4, count: 500)
        var frame: Frame? = Frame(Message(bytes))
        let before = frame?.share() ?? Message()
        let taken = frame.take().map { Frame.message(of: $0) } ?? Message()
        #expect([UInt8](taken) == bytes)
        #expect([UInt8](before) == bytes)
    }

    @Test
    func manyThreadsShareOneFrame() async {
        let frame = Frame(Message([UInt8](repeating: 7, count: 4096)))
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<5000).allSatisfy { _ in
                        let shared = frame.share()
                        return shared.count == 4096 && shared.withUnsafeBytes { $0.last } == 7
                    }
                }
            }
            for await isIntact in group { #expect(isIntact) }
        }
        // Had a count been lost, the content would be free by now, or never.
        #expect([UInt8](frame) == [UInt8](repeating: 7, count: 4096))
    }

    @Test
    func whoeverSharesAFrameFirstDoesSoOnce() async {
        let frames = (0..<2000).map { _ in Frame(Message([UInt8](repeating: 7, count: 4096))) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    frames.allSatisfy { frame in
                        let shared = frame.share()
                        return shared.count == 4096 && shared.withUnsafeBytes { $0.last } == 7
                    }
                }
            }
            for await isIntact in group { #expect(isIntact) }
        }
        #expect(frames.allSatisfy { $0.bytes.allSatisfy { $0 == 7 } })
    }

    @Test
    func aReceivedFrameIsSentOnToManyPeers() throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.bind(to: folder.endpoint())
        let first = try Socket(.dealer, in: context)
        let second = try Socket(.dealer, in: context)
        try first.connect(to: folder.endpoint())
        try second.connect(to: folder.endpoint())
        try first.deliver([[1]])
        try second.deliver([[2]])
        let peers = try [router.awaitMessage()[0], router.awaitMessage()[0]]

        let body = [UInt8](repeating: 9, count: 100_000)
        try first.deliver([body])
        var message = Message()
        var bodies: [Frame] = []
        while bodies.isEmpty {
            try router.awaitFrame(into: &message)
            if !message.hasMore { bodies.append(Frame(message.take())) }
        }
        for peer in peers {
            var identity = Message(peer)
            var shared = bodies[0].share()
            #expect(try router.send(&identity, more: true))
            #expect(try router.send(&shared, more: false))
        }
        #expect(try first.awaitMessage() == [body])
        #expect(try second.awaitMessage() == [body])
    }
}
