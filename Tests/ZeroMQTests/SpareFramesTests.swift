import Testing

@testable import ZeroMQ

struct SpareFramesTests {
    private func address(of message: borrowing Message) -> UInt {
        message.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }

    @Test
    func aFrameThatWasReadTakesTheNextOfItsSize() {
        var spares = SpareFrames()
        var read = Message([UInt8](repeating: 1, count: 47))
        let memory = self.address(of: read)
        spares.keep(&read)
        #expect(read.count == 0)
        #expect(spares.count == 1)

        var next = spares.message(count: 47)
        #expect(self.address(of: next) == memory)
        next.withUnsafeMutableBytes { $0.copyBytes(from: 1...47) }
        #expect([UInt8](next) == Array(1...47))
        #expect(spares.count == 0)
        #expect(spares.message(count: 47).count == 47)
    }

    @Test(arguments: [0, 5, 33])
    func whatFitsIntoItsBookkeepingIsNotKept(count: Int) {
        var spares = SpareFrames()
        var read = Message([UInt8](repeating: 1, count: count))
        spares.keep(&read)
        #expect(spares.count == 0)
        #expect(read.count == count)
        #expect(spares.message(count: count).count == count)
    }

    @Test
    func whatAnotherMessageSharesIsNotKept() {
        var spares = SpareFrames()
        let frame = Frame(Message([UInt8](repeating: 1, count: 100)))
        var shared = frame.share()
        spares.keep(&shared)
        #expect(spares.count == 0)
        #expect(shared.count == 100)
    }

    @Test
    func framesOfOtherSizesMakeWayForTheOneThatIsWanted() {
        var spares = SpareFrames()
        for size in [40, 50, 60] {
            var read = Message([UInt8](repeating: 1, count: size))
            spares.keep(&read)
        }
        #expect(spares.message(count: 50).count == 50)
        // That of 60 stood before it; that of 40 is still there.
        #expect(spares.count == 1)
        #expect(spares.message(count: 1000).count == 1000)
        #expect(spares.count == 0)
    }

    @Test
    func noMoreAreKeptThanTheBound() {
        var spares = SpareFrames()
        for _ in 0..<SpareFrames.countMax + 10 {
            var read = Message([UInt8](repeating: 1, count: 100))
            spares.keep(&read)
        }
        #expect(spares.count == SpareFrames.countMax)
    }

    @Test
    func aReceivedFrameLeavesWithOtherBytesAndItsNeighboursStayWhatTheyAre() throws {
        let folder = try TemporaryFolder()
        let context = try Context()
        let router = try Socket(.router, in: context)
        try router.bind(to: folder.endpoint())
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(to: folder.endpoint())
        var spares = SpareFrames()
        for round in 1...200 as ClosedRange<UInt8> {
            let (head, body) = ([UInt8](repeating: round, count: 60), [UInt8](repeating: 255 - round, count: 200))
            // Two at once, so that one's frames lie next to the other's.
            try dealer.deliver([head, body])
            try dealer.deliver([head, body])
            let first = try self.receive(router, &spares)
            let second = try self.receive(router, &spares)
            for (peer, kept) in [first, second] {
                var identity = Message(peer)
                var answer = spares.message(count: 60)
                answer.withUnsafeMutableBytes { $0.copyBytes(from: repeatElement(round &+ 1, count: 60)) }
                var shared = kept.share()
                #expect(try router.send(&identity, more: true))
                #expect(try router.send(&answer, more: true))
                #expect(try router.send(&shared, more: false))
                answer.end()
            }
            for _ in 0..<2 {
                #expect(try dealer.awaitMessage() == [[UInt8](repeating: round &+ 1, count: 60), body])
            }
        }
        #expect(spares.count == 0)
    }

    /// Receives a message of two frames, of which the first becomes spare.
    private func receive(_ router: borrowing Socket, _ spares: inout SpareFrames) throws -> (peer: [UInt8], Frame) {
        var message = Message()
        try router.awaitFrame(into: &message)
        let peer = [UInt8](message)
        #expect(try router.receive(into: &message))
        spares.keep(&message)
        #expect(try router.receive(into: &message))
        return (peer, Frame(message.take()))
    }
}
