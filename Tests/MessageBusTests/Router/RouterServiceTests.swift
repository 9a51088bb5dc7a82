import Dispatch
import MessageBus
import SeededRandom
import Testing
import WireProtocol
import ZeroMQ

/// A ROUTER and those who do not keep to the rules.
@Suite(.timeLimit(.minutes(5)))
struct RouterServiceTests {
    private func withRouter(_ body: (TestBus, RouterProbe, BusConnection) async throws -> Void) async throws {
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            try await delegate.waitUntilReady()
            try await body(bus, probe, host)
            await running.kill()
            await router.kill()
        }
    }

    private func openDealer(_ bus: TestBus, in context: Context? = nil) async throws -> RawSocket {
        try await RawSocket.open(.dealer, on: bus.peerLoop, in: context ?? bus.context) { socket in
            try socket.connect(to: bus.endpoint)
        }
    }

    /// Waits until what the socket sends arrives.
    private func introduce(_ raw: RawSocket, _ bus: TestBus, _ probe: RouterProbe) async throws -> PeerID {
        try await withThrowingTaskGroup(of: PeerID.self) { group in
            group.addTask {
                try await probe.events.first { event in
                    guard case .message(let envelope, let peer) = event, envelope.header.target == "it's me" else {
                        return nil
                    }
                    return peer
                }
            }
            group.addTask {
                // Before it is connected, a DEALER that queues nothing takes nothing.
                while true {
                    try raw.send([Header(kind: .ready, target: "it's me").encoded(), []], on: bus.peerLoop)
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? PeerID(rawValue: 0)
        }
    }

    /// Keeps the router from looking until something has happened that all is to be there of when it looks again.
    private func beforeTheRouterLooks(_ bus: TestBus, _ happens: () async throws -> Void) async throws {
        let isFree = DispatchSemaphore(value: 0)
        try bus.routerLoop.execute { isFree.wait() }
        // Also after a failure, or a thread would stay blocked.
        defer { isFree.signal() }
        try await happens()
        try await bus.settle(on: bus.peerLoop)
    }

    @Test func whatIsNotAMessageIsReportedAndDisturbsNobody() async throws {
        try await self.withRouter { bus, probe, host in
            let raw = try await self.openDealer(bus)
            let peer = try await self.introduce(raw, bus, probe)
            let header = Header(kind: .call, budgetMilliseconds: 10).encoded()
            let flagged = Header(kind: .call, flags: .metadata, budgetMilliseconds: 10).encoded()
            let cases: [([[UInt8]], WireError.Code)] = [
                ([[]], .headerTooShort), ([header], .frameCount), ([header, [], [], []], .frameCount),
                ([header, [], []], .frameCount), ([flagged, []], .frameCount), ([flagged, [], [], []], .frameCount),
                ([header] + [[UInt8]](repeating: [1], count: 99), .frameCount),
                ([header] + [[UInt8]](repeating: [1], count: 100_000), .frameCount),
                ([header] + [[UInt8]](repeating: [1], count: 63), .frameCount),
                ([header] + [[UInt8]](repeating: [1], count: 64), .frameCount),
                ([[UInt8]](repeating: [], count: 5), .headerTooShort),
                ([Array(repeating: 7, count: 30), []], .unsupportedVersion),
                ([[1, 99] + header.dropFirst(2), []], .unknownKind),
                ([header + [0xFF], []], .targetNotUTF8),
                ([header + [UInt8](repeating: 97, count: WireLimits.targetSize + 1), []], .targetTooLong),
            ]
            for (frames, code) in cases {
                try raw.send(frames, on: bus.peerLoop)
                let (error, sender) = try await probe.events.first { event -> (WireError, PeerID)? in
                    guard case .malformed(let error, let peer) = event else { return nil }
                    return (error, peer)
                }
                #expect(error.code == code)
                #expect(sender == peer)
            }
            let reply = try await host.call(BusRequest(target: "echo", body: "still here", budget: .seconds(20)))
            #expect(reply.body.text == "still here")
        }
    }

    @Test func randomBytesCostOthersNothing() async throws {
        try await self.withRouter { bus, probe, host in
            let raw = try await self.openDealer(bus)
            _ = try await self.introduce(raw, bus, probe)
            var random = SplitMix64(seed: 9)
            for round in 0..<100 {
                for _ in 0..<20 {
                    let frames = (0..<Int.random(in: 1...6, using: &random)).map { _ in
                        (0..<Int.random(in: 0...60, using: &random)).map { _ in
                            UInt8.random(in: 0...255, using: &random)
                        }
                    }
                    try raw.send(frames, on: bus.peerLoop)
                }
                let reply = try await host.call(
                    BusRequest(target: "echo", body: Payload("\(round)"), budget: .seconds(20))
                )
                #expect(reply.body.text == "\(round)")
            }
        }
    }

    @Test func aSocketThatFailsEndsTheServiceWithItsError() async throws {
        try await withTestBus { bus in
            let router = bus.startRouter(RouterProbe())
            let delegate = PeerProbe()
            let running = bus.start(bus.makePeer(.host, delegate))
            try await delegate.waitUntilReady()
            bus.context.shutdown()
            guard case .failure(let error as ZeroMQError) = await router.result() else {
                return #expect(Bool(false), "the service went on without a socket, or ended as if it had been told to")
            }
            #expect(error.code == .terminated)
            await running.kill()
        }
    }

    @Test func aLoopThatEndsEndsWhoeverLivesOnItWithAnError() async throws {
        try await withTestBus { bus in
            let router = bus.startRouter(RouterProbe())
            let delegate = PeerProbe()
            let running = bus.start(bus.makePeer(.host, delegate))
            try await delegate.waitUntilReady()
            bus.peerLoop.stop()
            let end = await running.result()
            #expect(throws: PollLoopError.self) { try end.get() }
            bus.routerLoop.stop()
            let routersEnd = await router.result()
            #expect(throws: PollLoopError.self) { try routersEnd.get() }
        }
    }

    @Test func aPeerThatIsGoneCannotBeSentTo() async throws {
        try await self.withRouter { bus, probe, host in
            let other = PeerProbe()
            let running = bus.start(bus.makePeer(.module, other))
            try await other.waitUntilReady()
            let (_, peer) = try await probe.message(.register)
            await running.kill()
            _ = try await probe.events.next { if case .connectionsChanged = $0 { true } else { false } }
            // libzmq tells of the end a moment before it refuses to send; what comes behind that comes from the same thread.
            _ = try await host.call(BusRequest(target: "echo", budget: .seconds(20)))
            probe.call("a", id: 1, on: peer)
            let (kind, gone, reason) = try await probe.events.first { event -> (MessageKind, PeerID, SendFailure)? in
                guard case .sendFailed(let kind, let peer, let reason) = event else { return nil }
                return (kind, peer, reason)
            }
            #expect(kind == .call)
            #expect(gone == peer)
            #expect(reason == .unreachable)
            _ = try await host.call(BusRequest(target: "echo", budget: .seconds(20)))
        }
    }

    @Test func aConnectionThatEndsIsNoticedWhileThereIsMuchToRead() async throws {
        try await self.withRouter { bus, probe, _ in
            let other = PeerProbe()
            let running = bus.start(bus.makePeer(.module, other))
            try await other.waitUntilReady()
            let raw = try await self.openDealer(bus)
            _ = try await self.introduce(raw, bus, probe)
            // The connection has ended, and there is enough to read for several rounds.
            try await self.beforeTheRouterLooks(bus) {
                await running.kill()
                for _ in 0..<900 { try raw.send([Header(kind: .pong).encoded(), []], on: bus.peerLoop) }
                try raw.send([Header(kind: .pong, target: "the last").encoded(), []], on: bus.peerLoop)
            }
            let isInTime = try await probe.events.first { event -> Bool? in
                switch event {
                case .connectionsChanged: true
                case .message(let envelope, _) where envelope.header.target == "the last": false
                default: nil
                }
            }
            #expect(isInTime)
        }
    }

    /// As many as are read in one go, or are just more or fewer, and more than one round reads.
    @Test(arguments: [1, 31, 32, 33, 128, 129, 255, 256, 257, 600])
    func howeverManyComeAtOnceAllAreHeardInOrderAndSoIsWhatComesAfterThem(count: Int) async throws {
        try await self.withRouter { bus, probe, _ in
            let raw = try await self.openDealer(bus)
            _ = try await self.introduce(raw, bus, probe)
            // The second time the router expects many, and reads more in one go.
            for time in 0..<2 {
                let ids = (0..<UInt64(count)).map { UInt64(time * 1000) + $0 }
                try await self.beforeTheRouterLooks(bus) {
                    for id in ids { try raw.send([Header(kind: .pong, callID: id).encoded(), []], on: bus.peerLoop) }
                }
                for id in ids { #expect(try await probe.message(.pong).envelope.header.callID == id) }
            }
            try raw.send([Header(kind: .pong, callID: 9999).encoded(), []], on: bus.peerLoop)
            #expect(try await probe.message(.pong).envelope.header.callID == 9999)
        }
    }

    @Test func whatAPeerSaidLastIsHeardBeforeItsEnd() async throws {
        try await self.withRouter { bus, probe, _ in
            let context = try Context()
            let raw = try await self.openDealer(bus, in: context)
            let peer = try await self.introduce(raw, bus, probe)
            // Both the last word and the end of the connection are there, and it has something to send.
            try await self.beforeTheRouterLooks(bus) {
                try raw.send([Header(kind: .bye, target: "why I leave").encoded(), []], on: bus.peerLoop)
                try await raw.close(on: bus.peerLoop)
                context.terminate()
                probe.call("too late", id: 1, on: peer)
            }
            let first = try await probe.events.next { event in
                switch event {
                case .message(let envelope, _): envelope.header.kind == .bye
                case .sendFailed: true
                default: false
                }
            }
            guard case .message = first else {
                Issue.record("the end was told before the last word")
                return
            }
            _ = try await probe.events.next {
                if case .sendFailed(.call, peer, .unreachable) = $0 { true } else { false }
            }
        }
    }

    @Test func whoChoosesItsOwnRoutingIDIsNotServed() async throws {
        try await self.withRouter { bus, probe, host in
            let message = Header(kind: .hello, target: "stranger").encoded()
            let stranger = try Stranger(path: bus.path, routingID: "stranger")
            try stranger.send([message, Array("{}".utf8)])
            let anonymous = try Stranger(path: bus.path, routingID: "")
            try anonymous.send([Header(kind: .hello, target: "anonymous").encoded(), Array("{}".utf8)])
            let target = try await probe.events.first { event -> String? in
                guard case .message(let envelope, _) = event, !envelope.header.target.isEmpty else { return nil }
                return envelope.header.target
            }
            #expect(target == "anonymous")
            _ = try await host.call(BusRequest(target: "echo", budget: .seconds(20)))
            #expect(
                !probe.events.contains { event in
                    guard case .message(let envelope, _) = event else { return false }
                    return envelope.header.target == "stranger"
                }
            )
            stranger.close()
            anonymous.close()
        }
    }
}
