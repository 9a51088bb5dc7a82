import Logging
import MessageBus
import ModuleSDK
import ModuleTestKit
import Synchronization
import Testing
import WireProtocol

/// Methods, background updates and scopes of a module on a bus in memory.
struct DirectCallTests {
    /// Notes what it hears, in order.
    private struct Recorder: Module {
        init(configuration: NoConfiguration, api: ModuleAPI) {
            let log = Log()
            api.registerMethod("log") { _ in .array(log.lines.map(JSONValue.string)) }
            api.registerMethod("double") { arguments in
                guard let number = arguments["number"]?.integer else {
                    throw BusFault(.badRequest, "number: expected a whole number")
                }
                return .integer(2 * number)
            }
            api.registerMethod("updates") { _ in try await api.callMethod("status", of: "background-update-worker") }
            api.registerBackgroundUpdate("copy") { batch in
                var changes = BackgroundUpdateChanges()
                for (index, row) in batch.rows.enumerated() {
                    guard let id = row["id"] else {
                        changes.skip(row: index, because: "no id")
                        continue
                    }
                    changes.update("copies", key: ["id": id], set: ["database": .string(batch.database)])
                }
                return changes
            }
            api.registerBackgroundUpdateController(
                onUpdate: { update in
                    log.add("enter \(update.name) \(update.isOneShot)")
                    switch update.name {
                    case "nothing": return nil
                    case "later": return .wait(.seconds(30), reason: "office hours")
                    case "gently": return .run(.milliseconds(20), sleep: .seconds(1))
                    default: return .run(.milliseconds(20))
                    }
                },
                afterUpdate: { update, outcome in log.add("exit \(update.name) \(outcome)") }
            )
        }
    }

    private final class Log: Sendable {
        private let storage = Mutex<[String]>([])

        var lines: [String] { self.storage.withLock { $0 } }
        func add(_ line: String) { self.storage.withLock { $0.append(line) } }
    }

    private func arguments(_ name: String, _ outcome: JSONValue? = nil) -> JSONObject {
        var arguments: JSONObject = ["update_name": .string(name), "database_name": "main", "one_shot": true]
        arguments["outcome"] = outcome
        return arguments
    }

    private func log(_ bus: InMemoryBus<Recorder>) async throws -> [String] {
        try await bus.callMethod("log").array?.compactMap(\.string) ?? []
    }

    private func enter(_ bus: InMemoryBus<Recorder>, _ name: String, _ scope: String) async throws -> CallbackAnswer {
        try await bus.enter("background_update_controller", "on_update", self.arguments(name), scope: scope)
    }

    private func leave(
        _ bus: InMemoryBus<Recorder>,
        _ name: String,
        _ outcome: JSONValue,
        _ scope: String
    ) async throws {
        let arguments = self.arguments(name, outcome)
        try await bus.leave("background_update_controller", "on_update", arguments, scope: scope)
    }

    @Test func whatIsRegisteredIsInTheManifest() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        #expect(bus.manifest.methods.map(\.name) == ["log", "double", "updates"])
        #expect(bus.manifest.backgroundUpdates.map(\.name) == ["copy"])
        #expect(bus.manifest.callbacks.map(\.name) == ["on_update"])
    }

    // MARK: Methods

    @Test func aMethodAnswersJSON() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        #expect(try await bus.callMethod("double", ["number": 21]) == 42)
    }

    @Test func aMethodsFaultReachesItsCaller() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        let fault = await #expect(throws: BusFault.self) { try await bus.callMethod("double") }
        #expect(fault?.code == .badRequest)
        let unknown = await #expect(throws: BusFault.self) { try await bus.callMethod("halve") }
        #expect(unknown?.code == .notFound)
    }

    @Test func aModuleCallsTheMethodOfAService() async throws {
        let platform = ScriptedPlatform()
        platform.answer(method: "status", of: "background-update-worker", with: ["enabled": true])
        let bus = try await InMemoryBus.start(Recorder.self, host: platform)
        #expect(try await bus.callMethod("updates") == ["enabled": true])
        #expect(platform.calls.map(\.target) == ["method/background-update-worker/status"])
    }

    // MARK: Background updates

    @Test func rowsBecomeChanges() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        let changes = try await bus.mapRows("copy", [["id": 1], [:]], database: "other")
        #expect(
            changes == [
                "changes": [["table": "copies", "key": ["id": 1], "set": ["database": "other"]]],
                "skipped": [["row": 1, "reason": "no id"]],
            ]
        )
        #expect(try await bus.mapRows("copy", []) == ["changes": [], "skipped": []])
    }

    // MARK: Controller

    @Test(
        arguments: [
            ("work", .result(.number(20))), ("nothing", .noOpinion),
            ("gently", .result(["duration_ms": .number(20), "sleep_ms": .number(1000)])),
            ("later", .result(["wait_ms": .number(30_000), "reason": "office hours"])),
        ] as [(String, CallbackAnswer)]
    )
    func aPaceIsWrittenAsTheWorkerReadsIt(name: String, answer: CallbackAnswer) async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        #expect(try await self.enter(bus, name, "1") == answer)
    }

    @Test func eachEnteringIsLeftOnce() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        _ = try await self.enter(bus, "work", "1")
        let outcome: JSONValue = ["status": "progressed", "rows": 7, "duration_ms": 12, "cut": true]
        for _ in 0..<2 { try await self.leave(bus, "work", outcome, "1") }
        try await self.leave(bus, "work", outcome, "of another")
        #expect(
            try await self.log(bus) == [
                "enter work true", "exit work progressed(rows: 7, duration: 0.012 seconds, isCut: true)",
            ]
        )
    }

    @Test func whatWasNotEnteredIsNotLeft() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        _ = try await self.enter(bus, "nothing", "1")
        try await self.leave(bus, "nothing", ["status": "finished"], "1")
        #expect(try await self.log(bus) == ["enter nothing true"])
    }

    @Test func anExitThatOvertookItsEnteringPreventsIt() async throws {
        let bus = try await InMemoryBus.start(Recorder.self)
        try await self.leave(bus, "work", ["status": "lost"], "1")
        let fault = await #expect(throws: BusFault.self) { try await self.enter(bus, "work", "1") }
        #expect(fault?.code == .cancelled)
        #expect(try await self.log(bus) == [])
    }

    @Test(arguments: ["method/recorder/nothing", "update/recorder/nothing", "callback/spam_checker/user_may_invite"])
    func whatWasNotRegisteredIsNotFound(target: String) async throws {
        let host = ModuleHost<Recorder>(moduleID: "recorder", logger: Logger(label: "recorder"))
        _ = try await host.welcomed(Welcome(dispatcher: "test"))
        let reply = await host.serve(InboundCall(target: target, budget: .seconds(5), body: "{}"))
        #expect(reply.fault?.code == .notFound)
    }
}
