import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct MonitorSocketTests {
    let folder: TemporaryFolder
    let context: Context

    init() throws {
        self.folder = try TemporaryFolder()
        self.context = try Context()
    }

    @Test(arguments: Transport.allCases)
    func aListenerHearsOfItsPeersFromTheFirstToTheLast(over transport: Transport) throws {
        let router = try Socket(.router, in: self.context)
        let monitor = try router.monitor()
        #expect(try monitor.next() == nil)
        try router.bind(to: transport.endpoint(in: self.folder))
        let endpoint = try router.lastEndpoint()
        #expect(try monitor.awaitEvent { _ in true } == SocketEvent(kind: .listening, endpoint: endpoint))
        try self.visit(endpoint, router)
        #expect(try monitor.awaitEvent { _ in true }.kind == .accepted)
        #expect(try monitor.awaitEvent { _ in true }.kind == .handshakeSucceeded)
        #expect(try monitor.awaitEvent { _ in true } == SocketEvent(kind: .disconnected, endpoint: endpoint))
    }

    private func visit(_ endpoint: String, _ router: borrowing Socket) throws {
        let dealer = try Socket(.dealer, in: self.context)
        try dealer.connect(to: endpoint)
        try dealer.deliver([[1]])
        _ = try router.awaitMessage()
    }

    @Test
    func aDealerHearsThatItsPeerWentAndCameBack() throws {
        let dealer = try Socket(.dealer, in: self.context)
        let monitor = try dealer.monitor()
        try dealer.connect(to: self.folder.endpoint())
        try self.listenUntilConnected(monitor)
        try monitor.awaitEvent { $0 == .disconnected }
        try monitor.awaitEvent { if case .connectRetried = $0 { true } else { false } }
        try self.listenUntilConnected(monitor)
    }

    private func listenUntilConnected(_ monitor: borrowing MonitorSocket) throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: self.folder.endpoint())
        try monitor.awaitEvent { $0 == .connected }
        try monitor.awaitEvent { $0 == .handshakeSucceeded }
    }

    @Test
    func connectionsGoOnWhenTheMonitorIsLetGo() throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: self.folder.endpoint())
        do {
            let monitor = try router.monitor()
            try self.visit(self.folder.endpoint(), router)
            try monitor.awaitEvent { $0 == .accepted }
        }
        for _ in 0..<20 { try self.visit(self.folder.endpoint(), router) }
    }

    @Test
    func aNewMonitorTakesThePlaceOfTheOneBefore() throws {
        let router = try Socket(.router, in: self.context)
        try router.bind(to: self.folder.endpoint())
        var monitor = try router.monitor()
        // The old one goes after the new one has begun, and must not end it.
        monitor = try router.monitor()
        try self.visit(self.folder.endpoint(), router)
        try monitor.awaitEvent { $0 == .accepted }
    }

    @Test
    func aMonitorOutlivesItsSocket() throws {
        let monitor = try self.monitorOfAClosedSocket()
        try monitor.awaitEvent { $0 == .monitorStopped }
        #expect(try monitor.next() == nil)
    }

    private func monitorOfAClosedSocket() throws -> MonitorSocket {
        try Socket(.dealer, in: self.context).monitor()
    }
}
