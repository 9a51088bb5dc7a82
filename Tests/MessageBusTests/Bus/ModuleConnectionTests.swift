import MessageBus
import Testing
import WireProtocol

/// A module that registers and is called.
@Suite(.timeLimit(.minutes(5)))
struct ModuleConnectionTests {
    struct Scene {
        let bus: TestBus
        let router: RouterProbe
        let module: PeerProbe
        let connection: BusConnection
        let running: RunningService
        /// The module's connection, as the router knows it.
        let peer: PeerID
    }

    /// Runs a router and a module that has registered.
    private func withModule(
        _ module: PeerProbe = PeerProbe(),
        router: RouterProbe = RouterProbe(),
        callsMax: Int = 65_536,
        drainTime: Duration = .seconds(50),
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await withTestBus { bus in
            let runningRouter = bus.startRouter(router)
            let connection = bus.makePeer(.module, module) { configuration in
                configuration.callsMax = callsMax
                configuration.drainTime = drainTime
            }
            let running = bus.start(connection)
            try await module.waitUntilReady()
            let peer = try await router.message(.ready).peer
            try await body(
                Scene(
                    bus: bus,
                    router: router,
                    module: module,
                    connection: connection,
                    running: running,
                    peer: peer
                )
            )
            await running.kill()
            await runningRouter.kill()
        }
    }

    @Test func aModuleAnswersCalls() async throws {
        try await self.withModule { scene in
            scene.router.call("a", id: 5, body: "question", on: scene.peer)
            let reply = try await scene.router.message(.reply).envelope
            #expect(reply.header.callID == 5)
            #expect(reply.header.flags.status == .answer)
            #expect(reply.body.text == "question")
        }
    }

    @Test func theRegistrationGoesItsWayInOrder() async throws {
        try await self.withModule { scene in
            let steps = [try await scene.module.events.next(), try await scene.module.events.next()]
            #expect(steps == [.welcomed, .registered])
            #expect(!scene.router.events.contains { if case .malformed = $0 { true } else { false } })
        }
    }

    @Test func aCancelledCallIsStoppedAndNotAnswered() async throws {
        let module = PeerProbe.answering { call in
            if call.target == "slow" { try? await Task.sleep(for: .seconds(100)) }
            return BusReply(status: .answer)
        }
        try await self.withModule(module) { scene in
            scene.router.call("slow", id: 1, on: scene.peer)
            scene.router.send(Envelope(Header(kind: .cancel, callID: 1)), to: scene.peer)
            scene.router.call("slow", id: 2, on: scene.peer)
            scene.router.call("quick", id: 3, on: scene.peer)
            // The first may have been given up before a task began with it; the second has begun when the third is answered.
            #expect(try await scene.router.message(.reply).envelope.header.callID == 3)
            scene.router.send(Envelope(Header(kind: .cancel, callID: 2)), to: scene.peer)
            _ = try await module.events.next { $0 == .cancelled("slow") }
            _ = try await module.events.next { $0 == .served("slow") }
            scene.router.call("quick", id: 4, on: scene.peer)
            #expect(try await scene.router.message(.reply).envelope.header.callID == 4)
        }
    }

    @Test func theEndOfTheBudgetStopsTheHandlerAndDropsItsReply() async throws {
        let module = PeerProbe.answering { call in
            if call.target == "slow" { try? await Task.sleep(for: .seconds(100)) }
            return BusReply(status: .answer)
        }
        try await self.withModule(module) { scene in
            scene.router.call("slow", id: 1, budget: 30, on: scene.peer)
            _ = try await module.events.next { $0 == .cancelled("slow") }
            _ = try await module.events.next { $0 == .served("slow") }
            scene.router.call("quick", id: 2, on: scene.peer)
            #expect(try await scene.router.message(.reply).envelope.header.callID == 2)
        }
    }

    @Test func anIDThatIsUsedAgainGetsTheReplyOfItsOwnCall() async throws {
        let gate = Gate()
        let module = PeerProbe.answering { call in
            if call.target == "old" { await gate.wait() }
            return BusReply(status: .answer, body: Payload(call.target))
        }
        try await self.withModule(module) { scene in
            scene.router.call("old", id: 1, on: scene.peer)
            scene.router.call("quick", id: 2, on: scene.peer)
            _ = try await scene.router.message(.reply)
            scene.router.send(Envelope(Header(kind: .cancel, callID: 1)), to: scene.peer)
            _ = try await module.events.next { $0 == .cancelled("old") }
            gate.open()
            scene.router.call("new", id: 1, on: scene.peer)
            let reply = try await scene.router.message(.reply).envelope
            #expect(reply.header.callID == 1)
            #expect(reply.body.text == "new")
        }
    }

    @Test func moreCallsThanThereIsRoomForAreAnsweredOverloaded() async throws {
        let gate = Gate()
        let module = PeerProbe.answering { call in
            if call.target == "slow" { await gate.wait() }
            return BusReply(status: .answer)
        }
        try await self.withModule(module, callsMax: 2) { scene in
            for id in 1...3 as ClosedRange<UInt64> { scene.router.call("slow", id: id, on: scene.peer) }
            let refused = try await scene.router.message(.reply).envelope
            #expect(refused.header.callID == 3)
            #expect(refused.header.flags.status == .overloaded)
            #expect(try BusFault(decoding: refused.body).isRetryable)
            gate.open()
            gate.open()
            #expect(try await scene.router.message(.reply).envelope.header.flags.status == .answer)
            #expect(try await scene.router.message(.reply).envelope.header.flags.status == .answer)
        }
    }

    @Test func handlersThatDoNotListenAreBoundedToo() async throws {
        let gate = Gate()
        let module = PeerProbe.answering { call in
            if call.target == "deaf" { await gate.wait() }
            return BusReply(status: .answer)
        }
        try await self.withModule(module, callsMax: 2) { scene in
            for id in 1...2 as ClosedRange<UInt64> {
                scene.router.call("deaf", id: id, budget: 20, on: scene.peer)
                _ = try await module.events.next { $0 == .cancelled("deaf") }
            }
            scene.router.call("quick", id: 3, on: scene.peer)
            #expect(try await scene.router.message(.reply).envelope.header.flags.status == .overloaded)
            gate.open()
            _ = try await module.events.next { $0 == .served("deaf") }
            scene.router.call("quick", id: 4, on: scene.peer)
            #expect(try await scene.router.message(.reply).envelope.header.flags.status == .answer)
            gate.open()
        }
    }

    @Test func aCallWithoutABudgetIsABadRequest() async throws {
        try await self.withModule { scene in
            scene.router.call("a", id: 1, budget: 0, on: scene.peer)
            let reply = try await scene.router.message(.reply).envelope
            #expect(try BusFault(decoding: reply.body).code == .badRequest)
        }
    }

    @Test func aReplyThatIsTooLongIsAnsweredSoAndCostsNothingElse() async throws {
        let module = PeerProbe.answering { call in
            switch call.target {
            case "body": BusReply(status: .answer, body: Payload([UInt8](repeating: 0, count: 1001)))
            case "metadata":
                BusReply(status: .answer, metadata: Payload([UInt8](repeating: 0, count: WireLimits.metadataSize + 1)))
            default: BusReply(status: .answer)
            }
        }
        let router = RouterProbe(welcome: Welcome(dispatcher: "d", bodySizeMax: 1000))
        try await self.withModule(module, router: router) { scene in
            for (id, target) in [(1, "body"), (2, "metadata")] as [(UInt64, String)] {
                scene.router.call(target, id: id, on: scene.peer)
                let reply = try await scene.router.message(.reply).envelope
                #expect(reply.header.callID == id)
                #expect(try BusFault(decoding: reply.body).code == .tooLarge)
            }
            scene.router.call("fine", id: 3, on: scene.peer)
            #expect(try await scene.router.message(.reply).envelope.header.flags.status == .answer)
        }
    }

    // MARK: The end

    @Test func shuttingDownAnswersWhatIsInFlightAndSaysBye() async throws {
        let gate = Gate()
        let module = PeerProbe.answering { call in
            await gate.wait()
            return BusReply(status: .answer)
        }
        try await self.withModule(module) { scene in
            scene.router.call("a", id: 1, on: scene.peer)
            scene.router.send(Envelope(Header(kind: .ping, callID: 9)), to: scene.peer)
            _ = try await scene.router.message(.pong)
            await scene.running.beginShutdown()
            _ = try await scene.router.message(.drain)
            gate.open()
            #expect(try await scene.router.message(.reply).envelope.header.callID == 1)
            let bye = try await scene.router.message(.bye).envelope
            #expect(try Farewell(decoding: bye.body) == Farewell(reason: .shutdown))
            try await scene.running.shutDown()
        }
    }

    @Test func aCallThatCrossesTheDrainIsAnswered() async throws {
        let router = RouterProbe(answering: [.hello, .register])
        try await self.withModule(router: router) { scene in
            await scene.running.beginShutdown()
            _ = try await router.message(.drain)
            let ping = try await router.message(.ping)
            // Sent by a dispatcher that had not seen the DRAIN.
            router.call("late", id: 1, on: scene.peer)
            #expect(try await router.message(.reply).envelope.header.callID == 1)
            router.send(Envelope(Header(kind: .pong, callID: ping.envelope.header.callID)), to: scene.peer)
            _ = try await router.message(.bye)
            try await scene.running.shutDown()
        }
    }

    @Test func shuttingDownWithNothingToDoDoesNotWait() async throws {
        try await self.withModule { scene in
            try await scene.running.shutDown()
            _ = try await scene.router.message(.bye)
        }
    }

    @Test func aDrainEndsWithTheLastCallAlsoWhenItIsCancelled() async throws {
        let module = PeerProbe.answering { call in
            try? await Task.sleep(for: .seconds(100))
            return BusReply(status: .answer)
        }
        try await self.withModule(module) { scene in
            scene.router.call("a", id: 1, on: scene.peer)
            scene.router.send(Envelope(Header(kind: .ping, callID: 9)), to: scene.peer)
            _ = try await scene.router.message(.pong)
            await scene.running.beginShutdown()
            _ = try await scene.router.message(.drain)
            scene.router.send(Envelope(Header(kind: .cancel, callID: 1)), to: scene.peer)
            _ = try await scene.router.message(.bye)
            try await scene.running.shutDown()
        }
    }

    @Test func theDrainTimeIsABound() async throws {
        let module = PeerProbe.answering { call in
            try? await Task.sleep(for: .seconds(100))
            return BusReply(status: .answer)
        }
        try await self.withModule(module, drainTime: .milliseconds(50)) { scene in
            scene.router.call("a", id: 1, on: scene.peer)
            scene.router.send(Envelope(Header(kind: .ping, callID: 9)), to: scene.peer)
            _ = try await scene.router.message(.pong)
            try await scene.running.shutDown()
            _ = try await scene.router.message(.bye)
            _ = try await module.events.next { $0 == .cancelled("a") }
        }
    }

    @Test func aModuleThatCannotUseItsConfigurationLeavesAndSaysWhy() async throws {
        let farewell = BusFarewell(
            .configuration,
            problems: [Farewell.Problem(path: "modules[0].config.x", message: "expected a number")]
        )
        try await withTestBus { bus in
            let router = RouterProbe()
            let runningRouter = bus.startRouter(router)
            let running = bus.start(bus.makePeer(.module, PeerProbe(build: { _ in throw farewell })))
            let bye = try await router.message(.bye).envelope
            #expect(try Farewell(decoding: bye.body) == Farewell(reason: .configuration, problems: farewell.problems))
            let result = await running.result()
            #expect(throws: farewell) { try result.get() }
            await runningRouter.kill()
        }
    }

    @Test func aModuleThatFailsToStartSaysWhy() async throws {
        struct Broken: Error, CustomStringConvertible {
            let description = "the disk is full"
        }
        try await withTestBus { bus in
            let router = RouterProbe()
            let runningRouter = bus.startRouter(router)
            let running = bus.start(bus.makePeer(.module, PeerProbe(build: { _ in throw Broken() })))
            let bye = try Farewell(decoding: try await router.message(.bye).envelope.body)
            #expect(bye == Farewell(reason: .failed, problems: [Farewell.Problem(message: "the disk is full")]))
            guard case .failure(is Broken) = await running.result() else {
                Issue.record("the service did not end with the error")
                return
            }
            await runningRouter.kill()
        }
    }
}
