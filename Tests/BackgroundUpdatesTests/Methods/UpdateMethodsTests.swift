import Logging
import MessageBus
import Testing
import WireProtocol

@testable import BackgroundUpdates

struct UpdateMethodsTests {
    private let database: TestDatabase
    private let worker: BackgroundUpdateWorker

    init() throws {
        self.database = try TestDatabase()
        self.worker = WorkerFixture.worker([try .counting(self.database, "u", "v")])
    }

    private var delegate: WorkerBusDelegate {
        let methods = LateMethods()
        methods.methods = self.worker.methods
        return WorkerBusDelegate(methods, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func call(_ method: String, _ body: Payload = .empty) async -> BusReply {
        let target = "method/background-update-worker/\(method)"
        return await self.delegate.serve(InboundCall(target: target, budget: .seconds(1), body: body))
    }

    private func json(_ method: String, _ body: Payload = .empty) async throws -> JSONValue {
        let reply = await self.call(method, body)
        #expect(reply.status == .answer, "\(reply.fault?.message ?? "")")
        return try JSONValue(parsing: reply.body)
    }

    @Test func statusOfAnIdleWorkerIsTheOriginals() async throws {
        let status = try await self.json("status")
        #expect(status["enabled"] == true)
        #expect(status["current_updates"] == [:])
        #expect(status["databases"]?["main"]?["reason"] == "no update is pending")
    }

    @Test func statusShowsTheUpdateInHandAsTheOriginalDoes() async throws {
        try self.database.fill(50)
        try self.database.enqueue("u")
        try self.database.enqueue("v", dependsOn: "u")
        let store = UpdateStore(name: "main", path: self.database.path, clock: self.worker.methods.clock)
        let lease = try await store.lease()
        let handler = try Updates.counting()
        _ = try await handler.run(Updates.batch(store, "u", handler, lease, size: 20))
        let status = try await self.json("status")
        let current = try #require(status["current_updates"]?["main"])
        #expect(current.object?.keys == ["name", "total_item_count", "total_duration_ms", "average_items_per_ms"])
        #expect(current["name"] == "u")
        #expect(current["total_item_count"] == 20)
        let pending = status["databases"]?["main"]?["pending"]?.array
        #expect(pending?.first?["total_items"] == 50)
        #expect(pending?.last?["reason"] == "it depends on `u`, which is pending")
    }

    @Test func enabledIsAskedSetAndKept() async throws {
        #expect(try await self.json("enabled") == ["enabled": true])
        #expect(try await self.json("enabled", #"{"enabled":false}"#) == ["enabled": false])
        let other = WorkerFixture.worker([try .counting(self.database, "u")])
        #expect(try await other.methods.answer("enabled", .null) == ["enabled": false])
        #expect(try await self.json("status")["databases"]?["main"]?["reason"] == "updates are disabled")
        // Without a value it means true, as in the original.
        #expect(try await self.json("enabled", "{}") == ["enabled": true])
        let refused = await self.call("enabled", #"{"enabled":1}"#)
        #expect(refused.fault?.message == "'enabled' parameter must be a boolean")
        #expect(refused.fault?.code == .badRequest)
    }

    @Test func theOriginalsJobsAndEveryDeclaredUpdateCanBeStarted() async throws {
        #expect(try await self.json("start_job", #"{"job_name":"u"}"#) == [:])
        #expect(try await self.json("start_job", #"{"job_name":"populate_stats_process_rooms"}"#) == [:])
        #expect(try await self.json("start_job", #"{"job_name":"regenerate_directory"}"#) == [:])
        let resign: Payload = #"{"job_name":"event_resign","old_key":"k","before_ts":5}"#
        #expect(try await self.json("start_job", resign) == [:])
        let rows = try self.database.strings(
            "SELECT update_name || ' ' || progress_json || ' ' || coalesce(depends_on, '-') FROM background_updates"
        )
        #expect(
            rows == [
                "u {} -", "populate_stats_process_rooms {} -", "populate_user_directory_createtables {} -",
                "populate_user_directory_process_rooms {} populate_user_directory_createtables",
                "populate_user_directory_process_users {} populate_user_directory_process_rooms",
                "populate_user_directory_cleanup {} populate_user_directory_process_users",
                #"event_resign {"old_key":"k","before_ts":5} -"#,
            ]
        )
    }

    @Test(
        arguments: [
            ("{}", "Missing required parameter `job_name`"), (#"{"job_name":"nix"}"#, "Invalid job_name"),
            (#"{"job_name":"event_resign"}"#, "Missing required parameter `old_key`"),
            (#"{"job_name":"u","database":"other"}"#, "no such database; configured are: main"),
            (#"{"job_name":"v"}"#, "Job v is already in queue of background updates."),
        ] as [(Payload, String)]
    )
    func aJobThatCannotBeStartedSaysWhy(body: Payload, message: String) async throws {
        try self.database.enqueue("v")
        let reply = await self.call("start_job", body)
        #expect(reply.fault?.message == message)
        #expect(reply.fault?.code == .badRequest)
        #expect(try self.database.integer("SELECT count(*) FROM background_updates") == 1)
    }

    @Test func aChainIsStartedAsAWholeOrNotAtAll() async throws {
        try self.database.enqueue("populate_user_directory_cleanup")
        let reply = await self.call("start_job", #"{"job_name":"regenerate_directory"}"#)
        #expect(reply.fault?.code == .badRequest)
        #expect(try self.database.integer("SELECT count(*) FROM background_updates") == 1)
    }

    @Test func anUpdateIsPausedAndResumed() async throws {
        try self.database.enqueue("u")
        _ = try await self.json("pause", #"{"update_name":"u"}"#)
        var list = try await self.json("list")
        #expect(list["updates"]?.array?.first?["standing"] == "paused")
        #expect(list["updates"]?.array?.last?["standing"] == "not_pending")
        _ = try await self.json("resume", #"{"update_name":"u"}"#)
        list = try await self.json("list")
        #expect(list["updates"]?.array?.first?["standing"] == "ready")
        #expect(await self.call("pause", #"{"update_name":"nix"}"#).fault?.code == .notFound)
    }

    @Test func otherTargetsAndNonsenseAreRefused() async {
        #expect(await self.call("nix").fault?.code == .badRequest)
        #expect(await self.call("start_job", "{").fault?.code == .badRequest)
        let reply = await self.delegate.serve(InboundCall(target: "method/other/status", budget: .seconds(1)))
        #expect(reply.fault?.code == .notFound)
    }
}
