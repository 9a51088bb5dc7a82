import Logging
import MessageBus
import Testing
import WireProtocol

@testable import Gateway

struct GuardedCallerTests {
    private static func caller(_ bus: any BusCaller, callsMax: Int = 10) -> GuardedCaller {
        GuardedCaller(
            bus,
            callsMax: callsMax,
            slack: .milliseconds(100),
            logger: Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private static let request = BusRequest(target: "web/a/b", budget: .seconds(5))

    @Test func aReplyPassesThrough() async throws {
        let caller = Self.caller(ScriptedBus(reply: BusReply(status: .answer, target: "m", epoch: 3, body: "hi")))
        let reply = try await caller.call(Self.request).get()
        #expect(reply.body == "hi")
        #expect(reply.epoch == 3)
        #expect(caller.callsInFlight == 0)
    }

    @Test func aReplyThatSaysErrorIsAFailure() async {
        let outcome = await Self.caller(ScriptedBus(fault: .lost, "gone")).call(Self.request)
        guard case .failure(.fault(let fault)) = outcome else { return #expect(Bool(false), "\(outcome)") }
        #expect(fault.code == .lost)
    }

    @Test func aCallThatTheBusForgetsIsAbandoned() async {
        let latch = Latch()
        let bus = ScriptedBus { _ throws(BusError) in
            await latch.wait()
            return BusReply(status: .answer)
        }
        let caller = Self.caller(bus)
        let start = ContinuousClock.now
        async let outcome = caller.call(Self.request)
        await bus.waitForCall()
        caller.abandonLateCalls(now: start + .milliseconds(5_099))
        #expect(caller.callsInFlight == 1)
        caller.abandonLateCalls(now: .now + .milliseconds(5_101))
        guard case .failure(.abandoned) = await outcome else { return #expect(Bool(false)) }
        #expect(caller.callsAbandoned == 1)
        #expect(caller.callsInFlight == 0)
        latch.open()
    }

    @Test func aCancelledCallerCancelsTheCall() async {
        let bus = ScriptedBus.silent()
        let caller = Self.caller(bus)
        let task = Task { await caller.call(Self.request) }
        await bus.waitForCall()
        task.cancel()
        guard case .failure(.bus(let error)) = await task.value else { return #expect(Bool(false)) }
        #expect(error.code == .cancelled)
    }

    @Test func aCallerThatIsCancelledBeforeItBeginsStillEnds() async {
        let caller = Self.caller(ScriptedBus.silent())
        let task = Task {
            await Task.untilCancelled()
            return await caller.call(Self.request)
        }
        task.cancel()
        guard case .failure(.bus(let error)) = await task.value else { return #expect(Bool(false)) }
        #expect(error.code == .cancelled)
    }

    @Test func oneCallMoreThanTheBoundIsRefusedAtOnce() async {
        let bus = ScriptedBus.silent()
        let caller = Self.caller(bus, callsMax: 1)
        let first = Task { await caller.call(Self.request) }
        await bus.waitForCall()
        guard case .failure(.bus(let error)) = await caller.call(Self.request) else { return #expect(Bool(false)) }
        #expect(error.code == .overloaded)
        #expect(bus.requests.count == 1)
        first.cancel()
        _ = await first.value
    }
}
