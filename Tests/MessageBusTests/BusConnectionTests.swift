import Logging
import MessageBus
import Testing
import WireProtocol
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct BusConnectionTests {
    @Test func aHostCallsAndGetsItsReply() async throws {
        try await withBus { bus in
            let reply = try await bus.host.call(BusRequest(target: "echo", body: "hello", budget: .seconds(5)))
            #expect(reply.status == .answer)
            #expect(reply.body.text == "hello")
        }
    }

    @Test func aLargeBodyArrivesWhole() async throws {
        try await withBus { bus in
            let body = Payload([UInt8](repeating: 7, count: 4 << 20))
            let reply = try await bus.host.call(BusRequest(target: "echo", body: body, budget: .seconds(10)))
            #expect(reply.body == body)
        }
    }

    @Test func manyCallsAtOnceGetTheirOwnReplies() async throws {
        try await withBus { bus in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<2000 {
                    group.addTask {
                        let request = BusRequest(target: "echo", body: Payload("\(number)"), budget: .seconds(20))
                        let reply = try await bus.host.call(request)
                        #expect(reply.body.text == "\(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aCallThatIsNotAnsweredEndsWithItsBudget() async throws {
        try await withBus { bus in
            let error = await #expect(throws: BusError.self) {
                try await bus.host.call(BusRequest(target: "silence", budget: .milliseconds(50)))
            }
            #expect(error?.code == .timeout)
        }
    }

    @Test func cancellingTheTaskEndsTheCall() async throws {
        try await withBus { bus in
            let error = await withTaskGroup(of: BusError?.self) { group in
                group.addTask {
                    do throws(BusError) {
                        _ = try await bus.host.call(BusRequest(target: "silence", budget: .seconds(30)))
                        return nil
                    } catch {
                        return error
                    }
                }
                group.cancelAll()
                return await group.next() ?? nil
            }
            #expect(error?.code == .cancelled)
        }
    }

    @Test func aBodyOverTheLimitIsRefusedBeforeItIsSent() async throws {
        try await withBus { bus in
            let body = Payload([UInt8](repeating: 0, count: WireLimits.defaultBodySize + 1))
            let error = await #expect(throws: BusError.self) {
                try await bus.host.call(BusRequest(target: "echo", body: body, budget: .seconds(5)))
            }
            #expect(error?.code == .invalidRequest)
        }
    }
}
