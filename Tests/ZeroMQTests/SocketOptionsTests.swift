import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct SocketOptionsTests {
    let folder: TemporaryFolder
    let context: Context

    init() throws {
        self.folder = try TemporaryFolder()
        self.context = try Context()
    }

    @Test(arguments: Transport.allCases)
    func aPeerThatSendsTooMuchIsDisconnectedAndOthersAreNot(over transport: Transport) throws {
        var options = SocketOptions()
        options.maximumMessageSize = 1000
        let router = try Socket(.router, in: self.context, options: options)
        let monitor = try router.monitor()
        try router.bind(to: transport.endpoint(in: self.folder))
        let good = try Socket(.dealer, in: self.context)
        try good.connect(to: router.lastEndpoint())
        try good.deliver([[UInt8](repeating: 1, count: 1000)])
        #expect(try router.awaitMessage()[1].count == 1000)

        let bad = try Socket(.dealer, in: self.context)
        try bad.connect(to: router.lastEndpoint())
        try bad.deliver([[UInt8](repeating: 2, count: 1001)])
        try monitor.awaitEvent { $0 == .disconnected }
        try good.deliver([[3]])
        #expect(try router.awaitMessage()[1] == [3])
    }

    @Test
    func everyOptionIsAccepted() throws {
        var options = SocketOptions()
        options.maximumMessageSize = nil
        options.routerHandover = true
        options.tcpKeepAlive = SocketOptions.TCPKeepAlive()
        options.heartbeat = SocketOptions.Heartbeat(interval: .milliseconds(50))
        options.zapDomain = "bus"
        _ = try Socket(.router, in: self.context, options: options)
        options.heartbeat = nil
        _ = try Socket(.dealer, in: self.context, options: options)
    }

    @Test
    func aShortTimeIsNeverNone() {
        #expect(Duration.nanoseconds(1).wholeMilliseconds == 1)
        #expect(Duration.zero.wholeMilliseconds == 0)
        #expect(Duration.milliseconds(1500).wholeMilliseconds == 1500)
        #expect(Duration.milliseconds(-1500).wholeMilliseconds == -1500)
        #expect(Duration.seconds(Int64.max).wholeMilliseconds > 0)
    }

    @Test
    func anEncryptedConnectionCarriesMessages() throws {
        let serverKeys = try CurveKeyPair.generate()
        let router = try Socket(.router, in: self.context, options: Self.server(serverKeys))
        try router.bind(to: "tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: self.context, options: Self.client(of: serverKeys.publicKey))
        try dealer.connect(to: router.lastEndpoint())
        try dealer.deliver([[1, 2, 3]])
        #expect(try router.awaitMessage()[1] == [1, 2, 3])
    }

    @Test
    func aClientThatExpectsAnotherServerDoesNotTalk() throws {
        let router = try Socket(.router, in: self.context, options: Self.server(CurveKeyPair.generate()))
        let monitor = try router.monitor()
        try router.bind(to: "tcp://127.0.0.1:*")
        let dealer = try Socket(
            .dealer,
            in: self.context,
            options: Self.client(of: CurveKeyPair.generate().publicKey)
        )
        try dealer.connect(to: router.lastEndpoint())
        try monitor.awaitEvent {
            if case .handshakeFailed(.violation) = $0 { true } else { false }
        }
        var message = Message([1])
        #expect(try !dealer.send(&message, more: false))
    }

    @Test
    func nobodyGetsInWhileNobodyAnswersForTheDomain() throws {
        let serverKeys = try CurveKeyPair.generate()
        var options = Self.server(serverKeys)
        options.zapDomain = "bus"
        let router = try Socket(.router, in: self.context, options: options)
        let monitor = try router.monitor()
        try router.bind(to: "tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: self.context, options: Self.client(of: serverKeys.publicKey))
        try dealer.connect(to: router.lastEndpoint())
        try monitor.awaitEvent {
            if case .handshakeFailed = $0 { true } else { false }
        }
    }

    @Test
    func aClientWithoutKeysDoesNotTalk() throws {
        let router = try Socket(.router, in: self.context, options: Self.server(CurveKeyPair.generate()))
        let monitor = try router.monitor()
        try router.bind(to: "tcp://127.0.0.1:*")
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: router.lastEndpoint())
        try monitor.awaitEvent {
            if case .handshakeFailed = $0 { true } else { false }
        }
    }

    private static func server(_ keys: CurveKeyPair) -> SocketOptions {
        var options = SocketOptions()
        options.curve = .server(secretKey: keys.secretKey)
        return options
    }

    private static func client(of serverKey: CurvePublicKey) throws -> SocketOptions {
        var options = SocketOptions()
        options.curve = .client(keys: try CurveKeyPair.generate(), serverKey: serverKey)
        return options
    }
}
