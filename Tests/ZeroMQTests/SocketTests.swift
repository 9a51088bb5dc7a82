import SeededRandom
import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(2)))
struct SocketTests {
    let folder: TemporaryFolder
    let context: Context

    init() throws {
        self.folder = try TemporaryFolder()
        self.context = try Context()
    }

    @Test(arguments: Transport.allCases)
    func aRouterAnswersTheDealerThatAsked(over transport: Transport) throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: transport.endpoint(in: self.folder))
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: router.lastEndpoint())
        try dealer.deliver([[1], [], [2, 3]])
        let request = try router.awaitMessage()
        #expect(Array(request.dropFirst()) == [[1], [], [2, 3]])
        try router.deliver([request[0], [4]])
        #expect(try dealer.awaitMessage() == [[4]])
    }

    @Test(arguments: Transport.allCases)
    func aLargeFrameArrivesWhole(over transport: Transport) throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: transport.endpoint(in: self.folder))
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: router.lastEndpoint())
        var generator = SplitMix64(seed: 1)
        let words = (0..<(16 << 20) / 8).map { _ in generator.next() }
        let body = words.withUnsafeBytes { [UInt8]($0) }
        try dealer.deliver([[1], body])
        let received = try router.awaitMessage()
        #expect(received.count == 3)
        // Not as one expectation, which would print 16 MiB.
        let isEqual = received[2] == body
        #expect(isEqual)
    }

    @Test(arguments: Transport.allCases)
    func manyMessagesArriveInOrder(over transport: Transport) throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: transport.endpoint(in: self.folder))
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: router.lastEndpoint())
        for round in 0..<20 {
            let numbers = (round * 1000)..<(round * 1000 + 1000)
            for number in numbers {
                try dealer.deliver([[1], Array("\(number)".utf8), []])
            }
            for number in numbers {
                let message = try router.awaitMessage()
                #expect(message.count == 4 && message[2] == Array("\(number)".utf8))
            }
        }
    }

    @Test
    func aRouterThatWasLeftByAPeerSaysSo() throws {
        let router = try Socket(.router, in: self.context)
        let monitor = try router.monitor()
        try router.bind(to: self.folder.endpoint())
        let peer = try self.identityOfAPeerThatLeft(router)
        try monitor.awaitEvent { $0 == .disconnected }

        // The monitor hears of the lost connection from the thread that lost it, the socket hears a moment later.
        var identity = Message(peer)
        let deadline = ContinuousClock.now + patience
        var error = router.failureOfSending(&identity, more: true)
        while error == nil {
            try #require(ContinuousClock.now < deadline)
            var body = Message([1])
            _ = try router.send(&body, more: false)
            identity = Message(peer)
            error = router.failureOfSending(&identity, more: true)
        }
        #expect(error?.code == .hostUnreachable)
        #expect(error?.call == "zmq_msg_send")
        #expect(error?.endpoint == self.folder.endpoint())
        #expect([UInt8](identity) == peer)
    }

    private func identityOfAPeerThatLeft(_ router: borrowing Socket) throws -> [UInt8] {
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: self.folder.endpoint())
        try dealer.deliver([[1]])
        return try router.awaitMessage()[0]
    }

    @Test
    func aRouterDoesNotKnowAPeerItNeverHeardOf() throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: self.folder.endpoint())
        var identity = Message([1, 2, 3])
        #expect(router.failureOfSending(&identity, more: true)?.code == .hostUnreachable)
        #expect([UInt8](identity) == [1, 2, 3])
    }

    @Test
    func aDealerWithoutAPeerRefusesAndLeavesTheMessageAlone() throws {
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: self.folder.endpoint("nobody"))
        var message = Message([UInt8](repeating: 5, count: 1000))
        #expect(try !dealer.send(&message, more: false))
        #expect([UInt8](message) == [UInt8](repeating: 5, count: 1000))
    }

    @Test(arguments: Transport.allCases)
    func aFullQueueRefusesAndLosesNothing(over transport: Transport) throws {
        var options = SocketOptions()
        options.sendHighWaterMark = 10
        options.receiveHighWaterMark = 10
        let router = try Socket(.router, in: self.context, options: options)
        try router.bind(to: transport.endpoint(in: self.folder))
        let dealer = try Socket(.dealer, in: self.context, options: options)
        try dealer.connect(to: router.lastEndpoint())
        try dealer.deliver([[0]])
        _ = try router.awaitMessage()

        var accepted = 0
        var message = Self.numbered(accepted)
        while try dealer.send(&message, more: false) {
            accepted += 1
            // The queues and the system's buffers hold far less than this.
            try #require(accepted < 10_000)
            message = Self.numbered(accepted)
        }
        let refused = [UInt8](message)
        #expect(refused == [UInt8](Self.numbered(accepted)))
        try #require(accepted > 0)
        for number in 0..<accepted {
            let isNext = try router.awaitMessage()[1] == [UInt8](Self.numbered(number))
            #expect(isNext)
        }
        try dealer.deliver([[1]])
        #expect(try router.awaitMessage()[1] == [1])
    }

    /// 64 KiB that tell one message from another.
    private static func numbered(_ number: Int) -> Message {
        Message(count: 65_536) { bytes in
            bytes.initializeMemory(as: UInt8.self, repeating: 0)
            bytes.storeBytes(of: number, as: Int.self)
        }
    }

    @Test
    func anUnboundEndpointIsFreeAgain() throws {
        let first = try Socket(.router, in: self.context)
        try first.bind(to: "tcp://127.0.0.1:*")
        let endpoint = try first.lastEndpoint()
        try first.unbind(from: endpoint)
        let second = try Socket(.router, in: self.context)
        // libzmq closes the listener on another thread, a moment later.
        let deadline = ContinuousClock.now + patience
        var error = Self.failureOfBinding(second, to: endpoint)
        while error?.code == .addressInUse, ContinuousClock.now < deadline {
            error = Self.failureOfBinding(second, to: endpoint)
        }
        #expect(error == nil)
    }

    private static func failureOfBinding(_ socket: borrowing Socket, to endpoint: String) -> ZeroMQError? {
        do {
            try socket.bind(to: endpoint)
            return nil
        } catch {
            return error
        }
    }

    @Test
    func aDisconnectedDealerHasNoPeer() throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: self.folder.endpoint())
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: self.folder.endpoint())
        try dealer.deliver([[1]])
        _ = try router.awaitMessage()
        try dealer.disconnect(from: self.folder.endpoint())
        // The connection goes on another thread, a moment later.
        let deadline = ContinuousClock.now + patience
        var message = Message([2])
        while try dealer.send(&message, more: false) {
            guard ContinuousClock.now < deadline else { throw TimedOut() }
            message = Message([2])
        }
    }

    @Test
    func aReceivedFrameKnowsWhereItCameFrom() throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: "tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: router.lastEndpoint())
        try dealer.deliver([[1]])
        var message = Message()
        let deadline = ContinuousClock.now + patience
        while try !router.receive(into: &message) {
            guard ContinuousClock.now < deadline else { throw TimedOut() }
        }
        let address = message.property("Peer-Address")
        #expect(address == "127.0.0.1")
        let kind = message.property("Socket-Type")
        #expect(kind == "DEALER")
        let user = message.property("User-Id")
        #expect(user == nil)
    }
}
