import MessageBus
import SeededRandom
import Testing
import WireProtocol
import ZeroMQ

/// Dispatchers that go, come back, forget, and talk nonsense.
@Suite(.timeLimit(.minutes(5)))
struct ReconnectionTests {
    @Test func aPeerComesBackByItselfWhenTheRouterDoes() async throws {
        try await withTestBus { bus in
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            for round in 0..<3 {
                let router = bus.startRouter(RouterProbe())
                try await delegate.waitUntilReady()
                let body = Payload("\(round)")
                let reply = try await host.call(BusRequest(target: "echo", body: body, budget: .seconds(20)))
                #expect(reply.body == body)
                await router.kill()
                _ = try await delegate.events.next { $0 == .reachable(false) }
                let error = await #expect(throws: BusError.self) {
                    try await host.call(BusRequest(target: "echo", budget: .seconds(20)))
                }
                #expect(error?.code == .notConnected)
            }
            await running.kill()
        }
    }

    @Test func callsInFlightEndAtOnceWhenTheRouterGoes() async throws {
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            try await delegate.waitUntilReady()
            let calls = (0..<20).map { _ in
                Task { try await host.call(BusRequest(target: "silence", budget: .seconds(600))) }
            }
            for _ in calls { _ = try await probe.message(.call) }
            await router.kill()
            for call in calls {
                let error = await #expect(throws: BusError.self) { try await call.value }
                #expect(error?.code == .lost)
            }
            await running.kill()
        }
    }

    @Test func aModuleThatIsNotKnownRegistersAgain() async throws {
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            let module = PeerProbe()
            let running = bus.start(bus.makePeer(.module, module))
            let (_, peer) = try await probe.message(.ready)
            _ = try await probe.message(.hello)
            _ = try await probe.message(.register)
            probe.send(Envelope(Header(kind: .whoAreYou)), to: peer)
            _ = try await probe.message(.hello)
            _ = try await probe.message(.register)
            _ = try await probe.message(.ready)
            probe.call("a", id: 1, on: peer)
            _ = try await probe.message(.reply)
            await running.kill()
            await router.kill()
        }
    }

    @Test func aModuleIsNeverBuiltTwiceAtATime() async throws {
        let gate = Gate()
        let builds = EventLog<Int>()
        let module = PeerProbe(build: { _ in
            builds.append(1)
            await gate.wait()
            return Manifest()
        })
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            let running = bus.start(bus.makePeer(.module, module))
            let (_, peer) = try await probe.message(.hello)
            _ = try await builds.next()
            probe.send(Envelope(Header(kind: .whoAreYou)), to: peer)
            _ = try await probe.message(.hello)
            // The second WELCOME has been read when what was sent after it is answered.
            probe.send(Envelope(Header(kind: .ping, callID: 1)), to: peer)
            _ = try await probe.message(.pong)
            #expect(builds.count == 0)
            gate.open()
            _ = try await builds.next()
            gate.open()
            _ = try await probe.message(.ready)
            await running.kill()
            await router.kill()
        }
    }

    @Test func aRefusedModuleIsToldWhyAndStays() async throws {
        try await withTestBus { bus in
            let probe = RouterProbe(answering: [.ping])
            let router = bus.startRouter(probe)
            let module = PeerProbe()
            let running = bus.start(bus.makePeer(.module, module))
            let (_, peer) = try await probe.message(.hello)
            let refusal = Refusal(reasons: [Remark(code: "unknown_module", message: "no")])
            probe.send(Envelope(Header(kind: .refused), body: refusal.encoded()), to: peer)
            _ = try await module.events.next { $0 == .refused(refusal) }
            probe.send(Envelope(Header(kind: .ping, callID: 1)), to: peer)
            _ = try await probe.message(.pong)
            await running.kill()
            await router.kill()
        }
    }

    @Test func aRouterThatTalksNonsenseIsHeardOutAndObeyedWhenItMakesSense() async throws {
        try await withTestBus { bus in
            let router = try await RawSocket.open(.router, on: bus.routerLoop, in: bus.context) { socket in
                try socket.bind(to: bus.endpoint)
            }
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            let routingID = try await router.received.next()[0]
            var random = SplitMix64(seed: 3)
            for _ in 0..<3000 {
                let frames = (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    (0..<Int.random(in: 0...40, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
                }
                try router.send([routingID] + frames, on: bus.routerLoop)
            }
            for kind in MessageKind.allCases where kind != .whoAreYou {
                try router.send([routingID, Header(kind: kind).encoded(), Array("{".utf8)], on: bus.routerLoop)
            }
            let welcome = Envelope(Header(kind: .welcome), body: Welcome(dispatcher: "d").encoded())
            try router.send([routingID, welcome.header.encoded(), welcome.body.bytes], on: bus.routerLoop)
            try await delegate.waitUntilReady()
            let statistics = try await bus.statistics(of: host)
            #expect(statistics.malformed > 2900)
            await running.kill()
        }
    }

    @Test func aRouterThatReadsNothingCostsBoundedMemoryAndEveryCallEnds() async throws {
        try await withTestBus { bus in
            var options = SocketOptions()
            options.receiveHighWaterMark = 5
            let router = try await RawSocket.open(.router, on: bus.routerLoop, in: bus.context, options: options) {
                socket in
                try socket.bind(to: bus.endpoint)
            }
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate) { configuration in
                configuration.messagesMax = 100
                configuration.linger = .zero
            }
            let running = bus.start(host)
            let routingID = try await router.received.next()[0]
            try router.stopReading(on: bus.routerLoop)
            let welcome = Envelope(Header(kind: .welcome), body: Welcome(dispatcher: "d").encoded())
            try router.send([routingID, welcome.header.encoded(), welcome.body.bytes], on: bus.routerLoop)
            try await delegate.waitUntilReady()
            let body = Payload([UInt8](repeating: 1, count: 16 << 10))
            let codes = await withTaskGroup(of: BusError.Code?.self) { group in
                for _ in 0..<1000 {
                    group.addTask {
                        let request = BusRequest(target: "a", body: body, budget: .milliseconds(500))
                        do throws(BusError) {
                            _ = try await host.call(request)
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: [BusError.Code?]()) { $0.append($1) }
            }
            let counts = Dictionary(grouping: codes, by: \.self).mapValues(\.count)
            #expect(counts.keys.allSatisfy { $0 == .overloaded || $0 == .timeout }, "\(counts)")
            #expect(counts[.overloaded, default: 0] > 500, "\(counts)")
            #expect(counts[.timeout, default: 0] > 100, "\(counts)")
            #expect(try await bus.statistics(of: host).droppedMessages > 500)
            await running.kill()
        }
    }
}
