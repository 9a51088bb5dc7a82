import GRDB
import MessageBus
import Synchronization
import Testing
import WireProtocol

@testable import BackgroundUpdates

/// A bus that answers what the test says.
final class ScriptedBus: BusCaller {
    let requests = Mutex<[BusRequest]>([])
    private let answer: @Sendable (BusRequest) throws(BusError) -> BusReply

    init(_ answer: @escaping @Sendable (BusRequest) throws(BusError) -> BusReply) {
        self.answer = answer
    }

    func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        self.requests.withLock { $0.append(request) }
        return try self.answer(request)
    }
}

struct BusUpdateControllerTests {
    private let identity = UpdateIdentity(update: "u", database: "main")

    @Test func enterAndExitAreTwoCallsOfOneCallback() async throws {
        let bus = ScriptedBus { _ in
            BusReply(status: .answer, metadata: #"{"scope_id":"s7"}"#, body: #"{"duration_ms":40}"#)
        }
        let controller = BusUpdateController(bus)
        let answer = try await controller.enter(self.identity, isOneShot: true)
        #expect(answer == ControllerAnswer(.run(milliseconds: 40), scope: "s7"))
        try await controller.exit(self.identity, scope: "s7", outcome: .finished(rows: 3, milliseconds: 1.5))
        let requests = bus.requests.withLock { $0 }
        #expect(requests.map(\.target) == Array(repeating: "callback/background_update_controller/on_update", count: 2))
        #expect(requests.map { $0.metadata?.text } == [#"{"scope":"enter"}"#, #"{"scope":"exit","scope_id":"s7"}"#])
        #expect(requests[0].body.text == #"{"update_name":"u","database_name":"main","one_shot":true}"#)
        let exit = try JSONValue(parsing: requests[1].body)
        #expect(exit["outcome"] == ["status": "finished", "rows": 3, "duration_ms": 1.5])
    }

    @Test(
        arguments: [
            ("75", .init(.run(milliseconds: 75))),
            (#"{"duration_ms":75,"sleep_ms":10}"#, .init(.run(milliseconds: 75), sleepMilliseconds: 10)),
            (#"{"wait_ms":500,"reason":"day"}"#, .init(.wait(milliseconds: 500, reason: "day"))),
        ] as [(Payload, ControllerAnswer)]
    )
    func aNumberOrAnObjectIsAnAnswer(body: Payload, expected: ControllerAnswer) async throws {
        let controller = BusUpdateController(ScriptedBus { _ in BusReply(status: .answer, body: body) })
        #expect(try await controller.enter(self.identity, isOneShot: false) == expected)
    }

    @Test(arguments: ["null", "\"x\"", "{}", "", "[1]"] as [Payload])
    func anythingElseIsAnError(body: Payload) async {
        let controller = BusUpdateController(ScriptedBus { _ in BusReply(status: .answer, body: body) })
        await #expect(throws: (any Error).self) { try await controller.enter(self.identity, isOneShot: false) }
    }

    @Test func nobodyRegisteredIsNoController() async throws {
        let fault = BusFault(.noneRegistered, "")
        for reply in [BusReply(status: .continue, body: "100"), BusReply(fault: fault)] {
            let controller = BusUpdateController(ScriptedBus { _ in reply })
            #expect(try await controller.enter(self.identity, isOneShot: false) == nil)
            #expect(try await controller.defaultBatchSize(self.identity) == nil)
            #expect(try await controller.minimumBatchSize(self.identity) == nil)
        }
    }

    @Test func aLostConnectionIsAnErrorForTheGuardToCount() async {
        let controller = BusUpdateController(ScriptedBus { _ throws(BusError) in throw BusError(.lost, "") })
        await #expect(throws: BusError.self) { try await controller.enter(self.identity, isOneShot: false) }
    }
}

struct BusRowMapperTests {
    private let question = RowsQuestion(
        update: "u",
        database: "main",
        module: "search",
        columns: ["id"],
        rows: [[1.databaseValue]]
    )

    @Test func asksTheModuleOfTheUpdate() async throws {
        let bus = ScriptedBus { _ in
            BusReply(status: .answer, body: #"{"changes":[{"table":"words","delete":{"note":1}}]}"#)
        }
        let changes = try await BusRowMapper(bus: bus).changes(for: self.question, writable: ["words"])
        #expect(changes.changes.count == 1)
        let request = try #require(bus.requests.withLock { $0.first })
        #expect(request.target == "update/search/u")
        #expect(request.body.text == #"{"update":"u","database":"main","rows":[{"id":1}]}"#)
    }

    @Test(
        arguments: [
            (BusReply(fault: BusFault(.noneUp, "")), .unavailable),
            (BusReply(fault: BusFault(.overloaded, "")), .unavailable),
            (BusReply(fault: BusFault(.moduleError, "")), .failed),
            (BusReply(fault: BusFault(.moduleError, "", isRetryable: true)), .unavailable),
            (BusReply(status: .answer, body: "nonsense"), .definitive),
            (BusReply(status: .answer, body: "[]"), .definitive),
        ] as [(BusReply, BackgroundUpdatesError.Code)]
    )
    func everyReplyHasItsConsequence(reply: BusReply, code: BackgroundUpdatesError.Code) async {
        let mapper = BusRowMapper(bus: ScriptedBus { _ in reply })
        #expect(await outcome { try await mapper.changes(for: self.question, writable: ["words"]) }.code == code)
    }

    @Test func withoutABusTheModuleIsWaitedFor() async {
        let mapper = BusRowMapper(bus: ScriptedBus { _ throws(BusError) in throw BusError(.notConnected, "no bus") })
        #expect(await outcome { try await mapper.changes(for: self.question, writable: []) }.code == .unavailable)
    }
}
