import Testing

@testable import ZeroMQ

struct ZeroMQErrorTests {
    let context: Context
    let folder: TemporaryFolder

    init() throws {
        self.context = try Context()
        self.folder = try TemporaryFolder()
    }

    @Test
    func aTakenEndpointIsNamedWithAWayOut() throws {
        let first = try Socket(.router, in: self.context)
        try first.bind(to: "tcp://127.0.0.1:*")
        let endpoint = try first.lastEndpoint()
        let second = try Socket(.router, in: self.context)
        let error = #expect(throws: ZeroMQError.self) { try second.bind(to: endpoint) }
        #expect(error?.code == .addressInUse)
        #expect(
            error?.description
                == "zmq_bind on \(endpoint) failed: Address already in use. "
                + "Another process listens there: stop it, or choose another endpoint."
        )
    }

    @Test(arguments: ["", "bus.sock", "tcp://", "tcp://127.0.0.1", "tcp://127.0.0.1:none", "ipc://"])
    func aMalformedEndpointIsRefused(endpoint: String) throws {
        let socket = try Socket(.dealer, in: self.context)
        let error = #expect(throws: ZeroMQError.self) { try socket.connect(to: endpoint) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.call == "zmq_connect")
        #expect(error?.endpoint == endpoint)
    }

    @Test
    func eachMistakeHasItsCode() throws {
        let socket = try Socket(.router, in: self.context)
        let long = "ipc:///tmp/" + String(repeating: "x", count: 200)
        let tooLong = #expect(throws: ZeroMQError.self) { try socket.bind(to: long) }
        #expect(tooLong?.code == .nameTooLong)
        let unknown = #expect(throws: ZeroMQError.self) { try socket.bind(to: "carrier-pigeon://roof") }
        #expect(unknown?.code == .protocolNotSupported)
        let elsewhere = #expect(throws: ZeroMQError.self) { try socket.bind(to: "tcp://192.0.2.1:5555") }
        #expect([.addressNotAvailable, .noSuchDevice].contains(elsewhere?.code))
        let noFolder = #expect(throws: ZeroMQError.self) { try socket.bind(to: self.folder.endpoint("no/such/folder")) }
        #expect(noFolder?.code == .notFound)
        let notBound = #expect(throws: ZeroMQError.self) { try socket.unbind(from: "tcp://127.0.0.1:1") }
        #expect(notBound?.code == .notFound)
        #expect(notBound?.call == "zmq_unbind")
    }

    @Test
    func anOptionLibzmqDoesNotTakeIsNamed() {
        var options = SocketOptions()
        options.backlog = -1
        options.sendHighWaterMark = -5
        let error = #expect(throws: ZeroMQError.self) { _ = try Socket(.dealer, in: self.context, options: options) }
        #expect(error?.call == "zmq_setsockopt(ZMQ_SNDHWM)")
        #expect(error?.code == .invalidArgument)
    }

    @Test
    func codesWorkAsPatterns() throws {
        let error: any Error = ZeroMQError(.hostUnreachable, call: "zmq_msg_send")
        do {
            throw error
        } catch ZeroMQError.Code.addressInUse {
            Issue.record("The wrong code.")
        } catch ZeroMQError.Code.hostUnreachable {
            #expect("\(error)".contains("zmq_msg_send failed"))
        }
    }
}
