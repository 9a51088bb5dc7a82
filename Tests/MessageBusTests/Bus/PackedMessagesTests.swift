import MessageBus
import Testing
import WireProtocol
import ZeroMQ

/// Packs on real sockets: who reads them is sent some, who does not meets none.
@Suite(.timeLimit(.minutes(5)))
struct PackedMessagesTests {
    private func withRouter(_ body: (TestBus, RouterProbe) async throws -> Void) async throws {
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            try await body(bus, probe)
            await router.kill()
        }
    }

    /// A peer that speaks by hand and has been welcomed.
    private func openPeer(_ bus: TestBus, flags: MessageFlags) async throws -> RawSocket {
        var options = SocketOptions()
        options.immediate = false
        let raw = try await RawSocket.open(.dealer, on: bus.peerLoop, in: bus.context, options: options) { socket in
            try socket.connect(to: bus.endpoint)
        }
        let hello = Hello(id: "raw", role: .host, version: "1", incarnation: "1")
        try raw.send([Header(kind: .hello, flags: flags).encoded(), hello.encoded().bytes], on: bus.peerLoop)
        let welcome = try await raw.received.next()
        #expect(try Header(welcome[0]).kind == .welcome)
        #expect(try Header(welcome[0]).flags == flags)
        return raw
    }

    private static func echo(_ id: UInt64) -> Envelope {
        Envelope(Header(kind: .call, budgetMilliseconds: 30_000, callID: id, target: "echo"), body: Payload("\(id)"))
    }

    private static func pack(_ envelopes: [Envelope]) -> [[UInt8]] {
        [Header(kind: .pack).encoded(), Pack.encoded(envelopes)]
    }

    /// The replies in the next messages, until there are so many, and how many messages they came in.
    private func replies(_ count: Int, to raw: RawSocket) async throws -> (ids: [UInt64], messages: Int) {
        var ids: [UInt64] = []
        var messages = 0
        while ids.count < count {
            let frames = try await raw.received.next()
            messages += 1
            ids += try Self.envelopes(in: frames).map(\.header.callID)
        }
        return (ids, messages)
    }

    private static func envelopes(in frames: [[UInt8]]) throws -> [Envelope] {
        let header = try Header(frames[0])
        guard header.kind == .pack else { return [Envelope(header, body: Payload(frames[frames.count - 1]))] }
        var reader = try PackReader(Envelope(header, body: Payload(frames[1])))
        var targets = TargetMemo()
        var envelopes: [Envelope] = []
        while let envelope = try reader.next(remembering: &targets, bodySizeMax: 1 << 20) { envelopes.append(envelope) }
        return envelopes
    }

    @Test func aPeerThatReadsPacksIsAnsweredInPacks() async throws {
        try await self.withRouter { bus, _ in
            let raw = try await self.openPeer(bus, flags: .packs)
            for first in [0, 50] as [UInt64] {
                try raw.send(Self.pack((first..<first + 50).map(Self.echo)), on: bus.peerLoop)
            }
            let (ids, messages) = try await self.replies(100, to: raw)
            #expect(ids == Array(0..<100))
            #expect(messages <= 10)
        }
    }

    @Test func aPeerThatReadsNoneIsAnsweredMessageByMessage() async throws {
        try await self.withRouter { bus, _ in
            let raw = try await self.openPeer(bus, flags: [])
            for id in 0..<100 as Range<UInt64> {
                try raw.send([Self.echo(id).header.encoded(), Self.echo(id).body.bytes], on: bus.peerLoop)
            }
            let (ids, messages) = try await self.replies(100, to: raw)
            #expect(ids == Array(0..<100))
            #expect(messages == 100)
        }
    }

    /// What is left of a pack makes no noise on the socket: the router has to come back to it by itself.
    @Test func packsWithMoreMessagesThanARouterTakesInOneTurnAreReadToTheirEnd() async throws {
        try await self.withRouter { bus, _ in
            let raw = try await self.openPeer(bus, flags: .packs)
            for pack in 0..<5 as Range<UInt64> {
                try raw.send(Self.pack((pack * 60..<pack * 60 + 60).map(Self.echo)), on: bus.peerLoop)
            }
            #expect(try await self.replies(300, to: raw).ids == Array(0..<300))
        }
    }

    @Test func aPongBehindPackedCallsComesBehindTheirReplies() async throws {
        try await self.withRouter { bus, _ in
            let raw = try await self.openPeer(bus, flags: .packs)
            try raw.send(Self.pack((0..<20).map(Self.echo)), on: bus.peerLoop)
            try raw.send([Header(kind: .ping, callID: 99).encoded(), []], on: bus.peerLoop)
            #expect(try await self.replies(21, to: raw).ids == Array(0..<20) + [99])
        }
    }

    @Test func aPeerThatSaysHelloAgainWithoutTheFlagIsSentNoPacksAnyMore() async throws {
        try await self.withRouter { bus, _ in
            let raw = try await self.openPeer(bus, flags: .packs)
            let hello = Hello(id: "raw", role: .host, version: "1", incarnation: "1")
            try raw.send([Header(kind: .hello).encoded(), hello.encoded().bytes], on: bus.peerLoop)
            #expect(try Header(try await raw.received.next()[0]).flags == [])
            try raw.send(Self.pack((0..<20).map(Self.echo)), on: bus.peerLoop)
            let (ids, messages) = try await self.replies(20, to: raw)
            #expect(ids == Array(0..<20))
            #expect(messages == 20)
        }
    }

    /// So many and so long that one pack does not hold them: the connection is found to be gone in the midst of them.
    @Test func eachMessageOfAPackThatFindsNobodyIsReported() async throws {
        try await self.withRouter { bus, probe in
            let raw = try await self.openPeer(bus, flags: .packs)
            let peer = try await probe.message(.hello).peer
            try await raw.close(on: bus.peerLoop)
            try await bus.settle(on: bus.routerLoop)
            let body = Payload([UInt8](repeating: 1, count: 4000))
            for id in 0..<10 as Range<UInt64> { probe.call("x", id: id, body: body, on: peer) }
            for _ in 0..<10 {
                let (kind, receiver, reason) = try await probe.events.first {
                    event -> (MessageKind, PeerID, SendFailure)? in
                    guard case .sendFailed(let kind, let peer, let reason) = event else { return nil }
                    return (kind, peer, reason)
                }
                #expect(kind == .call)
                #expect(receiver == peer)
                #expect(reason == .unreachable)
            }
            let next = try await self.openPeer(bus, flags: .packs)
            try next.send(Self.pack((0..<9).map(Self.echo)), on: bus.peerLoop)
            #expect(try await self.replies(9, to: next).ids == Array(0..<9))
        }
    }

    @Test func aMalformedPackCostsWhatFollowsInItAndNothingElse() async throws {
        try await self.withRouter { bus, probe in
            let raw = try await self.openPeer(bus, flags: .packs)
            let good = Pack.encoded([Self.echo(1), Self.echo(2)])
            try raw.send([Header(kind: .pack).encoded(), good + [9, 9, 9] + good], on: bus.peerLoop)
            try raw.send(Self.pack([Self.echo(3), Self.echo(4)]), on: bus.peerLoop)
            #expect(try await self.replies(4, to: raw).ids == [1, 2, 3, 4])
            let error = try await probe.events.first { event -> WireError? in
                guard case .malformed(let error, _) = event else { return nil }
                return error
            }
            #expect(error.code == .pack)
        }
    }

    /// A router in the hands of the test, and a host that has been welcomed by it.
    private func withHost(
        _ flags: MessageFlags,
        _ body: (TestBus, RawSocket, BusConnection, _ hostID: [UInt8]) async throws -> Void
    ) async throws {
        try await withTestBus { bus in
            let router = try await RawSocket.open(.router, on: bus.routerLoop, in: bus.context) { socket in
                try socket.bind(to: bus.endpoint)
            }
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            let hello = try await router.received.next()
            #expect(try Header(hello[1]).flags == .packs)
            let welcome = Welcome(dispatcher: "test").encoded().bytes
            try router.send([hello[0], Header(kind: .welcome, flags: flags).encoded(), welcome], on: bus.routerLoop)
            try await delegate.waitUntilReady()
            try await body(bus, router, host, hello[0])
            await running.kill()
        }
    }

    @Test(arguments: [MessageFlags.packs, []])
    func callsOfAHostTravelTogetherWhereTheRouterReadsPacks(flags: MessageFlags) async throws {
        try await self.withHost(flags) { bus, router, host, id in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let request = BusRequest(target: "echo", body: Payload("\(number)"), budget: .seconds(30))
                        let reply = try await host.call(request)
                        #expect(reply.body.text == "\(number)")
                    }
                }
                var messages = 0
                var answered = 0
                while answered < 200 {
                    let frames = try await router.received.next()
                    let calls = try Self.envelopes(in: Array(frames.dropFirst())).filter { $0.header.kind == .call }
                    guard !calls.isEmpty else { continue }
                    messages += 1
                    answered += calls.count
                    let replies = calls.map { call in
                        Envelope(
                            Header(kind: .reply, flags: MessageFlags(.answer), callID: call.header.callID),
                            body: call.body
                        )
                    }
                    for reply in flags.isEmpty
                        ? replies.map({ [$0.header.encoded(), $0.body.bytes] }) : [Self.pack(replies)]
                    {
                        try router.send([id] + reply, on: bus.routerLoop)
                    }
                }
                try await group.waitForAll()
                #expect(flags.isEmpty ? messages == 200 : messages <= 50)
            }
        }
    }
}

extension Header {
    fileprivate init(_ bytes: [UInt8]) throws(WireError) {
        self = try Payload(bytes).withUnsafeBytes { bytes throws(WireError) in try Header(decoding: bytes) }
    }
}
