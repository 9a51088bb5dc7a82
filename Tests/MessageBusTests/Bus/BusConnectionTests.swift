import MessageBus
import Testing
import WireProtocol

/// A host that calls.
@Suite(.timeLimit(.minutes(5)))
struct BusConnectionTests {
    /// Runs a router that echoes and a host that is ready to call it.
    private func withHost(_ body: (BusConnection, RouterProbe) async throws -> Void) async throws {
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            try await delegate.waitUntilReady()
            try await body(host, probe)
            await running.kill()
            await router.kill()
        }
    }

    @Test func aHostCallsAndGetsItsReply() async throws {
        try await self.withHost { host, _ in
            let reply = try await host.call(BusRequest(target: "echo", body: "hello", budget: .seconds(5)))
            #expect(reply.status == .answer)
            #expect(reply.body.text == "hello")
        }
    }

    @Test func aLargeBodyArrivesWhole() async throws {
        try await self.withHost { host, _ in
            let body = Payload([UInt8](repeating: 7, count: 4 << 20))
            let reply = try await host.call(BusRequest(target: "echo", body: body, budget: .seconds(10)))
            #expect(reply.body.count == body.count)
        }
    }

    @Test func manyCallsAtOnceGetTheirOwnReplies() async throws {
        try await self.withHost { host, _ in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        let request = BusRequest(target: "echo", body: Payload("\(number)"), budget: .seconds(20))
                        let reply = try await host.call(request)
                        #expect(reply.body.text == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func callsAndCancellationsFromManyThreadsAllEnd() async throws {
        try await self.withHost { host, probe in
            let codes = await withTaskGroup(of: BusError.Code?.self) { group in
                for number in 0..<600 {
                    group.addTask {
                        let call = Task {
                            try await host.call(
                                BusRequest(target: number % 2 == 0 ? "echo" : "silence", budget: .seconds(50))
                            )
                        }
                        if number % 2 == 1 { call.cancel() }
                        guard case .failure(let error) = await call.result else { return nil }
                        return (error as? BusError)?.code
                    }
                }
                return await group.reduce(into: [BusError.Code?]()) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 300)
            #expect(codes.filter { $0 == .cancelled }.count == 300)
        }
    }

    @Test func aCallThatIsNotAnsweredEndsWithItsBudgetAndIsCancelled() async throws {
        try await self.withHost { host, probe in
            let error = await #expect(throws: BusError.self) {
                try await host.call(BusRequest(target: "silence", budget: .milliseconds(50)))
            }
            #expect(error?.code == .timeout)
            let call = try await probe.message(.call)
            let cancel = try await probe.message(.cancel)
            #expect(cancel.envelope.header.callID == call.envelope.header.callID)
            #expect(call.envelope.header.budgetMilliseconds == 50)
        }
    }

    /// The task of an `async let` lies in its parent's memory: nobody may hold on to it when its call has ended.
    @Test func callsOfTasksThatAreGoneLeaveNothingBehind() async throws {
        try await self.withHost { host, probe in
            func callTwice(_ target: String) async -> [Bool] {
                async let first = try? host.call(BusRequest(target: target, budget: .seconds(50)))
                async let second = try? host.call(BusRequest(target: "echo", budget: .seconds(50)))
                return await [first != nil, second != nil]
            }
            let tooLong = String(repeating: "x", count: WireLimits.targetSize + 1)
            for _ in 0..<200 {
                #expect(await callTwice("echo") == [true, true])
                #expect(await callTwice(tooLong) == [false, true])
            }
        }
    }

    @Test func cancellingTheTaskEndsTheCall() async throws {
        try await self.withHost { host, probe in
            let task = Task { try await host.call(BusRequest(target: "silence", budget: .seconds(30))) }
            let call = try await probe.message(.call)
            task.cancel()
            let error = await #expect(throws: BusError.self) { try await task.value }
            #expect(error?.code == .cancelled)
            let cancel = try await probe.message(.cancel)
            #expect(cancel.envelope.header.callID == call.envelope.header.callID)
        }
    }

    @Test func aReplyThatComesTooLateIsCounted() async throws {
        try await withTestBus { bus in
            let probe = RouterProbe()
            let router = bus.startRouter(probe)
            let delegate = PeerProbe()
            let host = bus.makePeer(.host, delegate)
            let running = bus.start(host)
            try await delegate.waitUntilReady()
            await #expect(throws: BusError.self) {
                try await host.call(BusRequest(target: "silence", budget: .milliseconds(20)))
            }
            let (call, peer) = try await probe.message(.call)
            probe.send(Envelope(Header(kind: .reply, callID: call.header.callID)), to: peer)
            _ = try await host.call(BusRequest(target: "echo", budget: .seconds(20)))
            let statistics = try await bus.statistics(of: host)
            #expect(statistics.lateReplies == 1)
            #expect(statistics.timeouts == 1)
            await running.kill()
            await router.kill()
        }
    }

    @Test func whatIsOverALimitIsRefusedBeforeItIsSent() async throws {
        try await self.withHost { host, probe in
            let requests = [
                BusRequest(
                    target: "echo",
                    body: Payload([UInt8](repeating: 0, count: WireLimits.defaultBodySize + 1)),
                    budget: .seconds(5)
                ),
                BusRequest(target: String(repeating: "x", count: WireLimits.targetSize + 1), budget: .seconds(5)),
                BusRequest(
                    target: "echo",
                    metadata: Payload([UInt8](repeating: 32, count: WireLimits.metadataSize + 1)),
                    budget: .seconds(5)
                ),
            ]
            for request in requests {
                let error = await #expect(throws: BusError.self) { try await host.call(request) }
                #expect(error?.code == .invalidRequest)
            }
            _ = try await host.call(BusRequest(target: "echo", body: "last", budget: .seconds(5)))
            let first = try await probe.message(.call)
            #expect(first.envelope.body.text == "last")
        }
    }

    @Test func withoutAConnectionACallFailsAtOnce() async throws {
        try await withTestBus { bus in
            let host = bus.makePeer(.host, PeerProbe())
            let error = await #expect(throws: BusError.self) {
                try await host.call(BusRequest(target: "echo", budget: .seconds(60)))
            }
            #expect(error?.code == .notConnected)
            let running = bus.start(host)
            await running.kill()
            let later = await #expect(throws: BusError.self) {
                try await host.call(BusRequest(target: "echo", budget: .seconds(60)))
            }
            #expect(later?.code == .stopped || later?.code == .notConnected)
        }
    }
}
