import GRDB
import Synchronization
import Testing
import WireProtocol

@testable import BackgroundUpdates

struct BackgroundUpdateWorkerTests {
    private let database: TestDatabase

    init() throws {
        self.database = try TestDatabase()
    }

    @Test func pendingUpdatesRunToTheirEndInOrder() async throws {
        try self.database.fill(500)
        try self.database.enqueue("b", dependsOn: "a", ordering: 1)
        try self.database.enqueue("a", ordering: 2)
        try self.database.enqueue("stranger", ordering: 0)
        let worker = WorkerFixture.worker([try .counting(self.database, "a", "b")])
        try await WorkerFixture.run(worker) { worker.counters.current.finished == 2 }
        #expect(try self.database.strings("SELECT update_name FROM background_updates") == ["stranger"])
        #expect(try self.database.integer("SELECT count(*) FROM notes WHERE seen = 2") == 500)
        let events = try self.database.strings("SELECT event || ' ' || update_name FROM ganglion_update_history")
        #expect(events == ["started a", "finished a", "started b", "finished b"])
    }

    @Test func aWorkerThatEndsGivesTheDatabaseBack() async throws {
        try self.database.fill(500)
        try self.database.enqueue("a")
        let worker = WorkerFixture.worker([try .counting(self.database, "a")])
        try await WorkerFixture.run(worker) { worker.counters.current.batches == 1 }
        #expect(try self.database.strings("SELECT owner FROM ganglion_update_control") == [""])
        #expect(try self.database.integer("SELECT sum(seen) FROM notes") == 100)
    }

    @Test func whatWasLearntSurvivesTheWorker() async throws {
        try self.database.fill(20_000)
        try self.database.enqueue("a")
        let first = WorkerFixture.worker([try .counting(self.database, "a")])
        try await WorkerFixture.run(first) { first.counters.current.batches == 4 }
        // 100 + 200 + 400 + 800: the manual clock finds every batch cheap.
        #expect(first.counters.current.rows == 1500)
        let second = WorkerFixture.worker([try .counting(self.database, "a")])
        try await WorkerFixture.run(second) { second.counters.current.batches == 1 }
        #expect(second.counters.current.rows == 1600)
    }

    @Test func aHundredThousandRowsAreDoneOnceInBatchesThatGrow() async throws {
        try self.database.fill(100_000)
        try self.database.enqueue("u")
        let worker = WorkerFixture.worker([try .counting(self.database, "u")])
        try await WorkerFixture.run(worker) { worker.counters.current.finished == 1 }
        #expect(try self.database.integer("SELECT count(*) FROM notes WHERE seen = 1") == 100_000)
        #expect(worker.counters.current.batches < 20)
    }

    @Test func aWorkerThatWasStartedAgainDoesNotWaitForItsOwnLease() async throws {
        try self.database.fill(200)
        try self.database.enqueue("a")
        let clock = ManualClock()
        // Far away, so that nobody finds out that there is no such process.
        let dead = try await UpdateStore(name: "main", path: self.database.path, clock: clock).lease("far:7:old")
        let began = clock.wallTime()
        let worker = WorkerFixture.worker([try .counting(self.database, "a")], owner: "far:7:new", clock: clock)
        try await WorkerFixture.run(worker) { worker.counters.current.batches == 1 }
        #expect(clock.wallTime() < began + .seconds(5))
        #expect(try self.database.integer("SELECT epoch FROM ganglion_update_control") == dead.epoch + 1)
    }

    /// Sleeping takes no time here, so whoever waits finds the other's lease at its end now and then.
    ///
    /// Two machines that were given one name may have two workers with one number: each takes the other for its predecessor once.
    @Test(arguments: [0.05, 0.2], ["here:0", "here:7"])
    func twoWorkersDoEveryRowOnce(share: Double, place: String) async throws {
        try self.database.fill(5000)
        try self.database.enqueue("u")
        let clock = ManualClock(share: share)
        let workers = ["a", "b"].map { incarnation in
            WorkerFixture.worker([.indexing(self.database)], owner: "\(place):\(incarnation)", clock: clock)
        }
        clock.whenAsleep {
            guard workers.contains(where: { $0.counters.current.finished == 1 }) else { return }
            for worker in workers { worker.stop() }
        }
        try await withThrowingDiscardingTaskGroup { group in
            for worker in workers { group.addTask { try await worker.run() } }
        }
        #expect(try self.database.integer("SELECT count(*) FROM words") == 5000)
        #expect(try self.database.integer("SELECT count(DISTINCT note) FROM words") == 5000)
    }

    @Test func aFailingUpdateIsSetAsideAndTheOthersGoOn() async throws {
        try self.database.fill(300)
        try self.database.enqueue("bad", ordering: 0)
        try self.database.enqueue("good", ordering: 1)
        var configured = try UpdateDatabase.counting(self.database, "good")
        let statement = try RangeStatement("UPDATE notes SET body = NULL WHERE {range}")
        configured.updates.append(
            UpdateDeclaration(name: "bad", work: .sql(SQLHandler(keyset: Updates.notes, statement: statement)))
        )
        let worker = WorkerFixture.worker([configured])
        try await WorkerFixture.run(worker) {
            worker.counters.current.finished == 1 && worker.counters.current.setAside == 1
        }
        #expect(worker.counters.current.failures == 5)
        #expect(try self.database.integer("SELECT count(*) FROM notes WHERE seen = 1") == 300)
        let status = await worker.methods.status()
        let pending = try #require(status["databases"]?["main"]?["pending"]?.array?.first)
        #expect(pending["standing"] == "set_aside")
        #expect(pending["reason"]?.string?.contains("NOT NULL constraint failed") == true)

        // A person mends it and says so.
        try self.database.execute("ALTER TABLE notes DROP COLUMN body; ALTER TABLE notes ADD COLUMN body TEXT")
        _ = try await worker.methods.answer("retry", ["update_name": "bad"])
        let next = WorkerFixture.worker([configured])
        try await WorkerFixture.run(next) { next.counters.current.finished == 1 }
        #expect(try self.database.integer("SELECT count(*) FROM background_updates") == 0)
    }

    @Test func aModuleThatIsNotThereIsWaitedForAsLongAsItTakes() async throws {
        final class Absent: RowMapper {
            let asked = Mutex(0)
            func changes(for question: RowsQuestion, writable: Set<String>) async throws -> RowChanges {
                guard
                    self.asked.withLock({
                        $0 += 1
                        return $0 > 20
                    })
                else {
                    throw BackgroundUpdatesError(.unavailable, "waiting for module `search`")
                }
                return try await WordMapper().changes(for: question, writable: writable)
            }
        }
        try self.database.fill(30)
        try self.database.enqueue("u")
        let worker = WorkerFixture.worker([.indexing(self.database)], mapper: Absent())
        try await WorkerFixture.run(worker) { worker.counters.current.finished == 1 }
        #expect(worker.counters.current.setAside == 0)
        #expect(try self.database.integer("SELECT count(*) FROM words") == 30)
    }

    @Test func aControllerThatDiesBetweenEnterAndExitDoesNotStopTheUpdate() async throws {
        final class Dying: UpdateController {
            let entered = Mutex(0)
            func enter(_ update: UpdateIdentity, isOneShot: Bool) async throws -> ControllerAnswer? {
                self.entered.withLock { $0 += 1 }
                return ControllerAnswer(.run(milliseconds: 50), scope: "s")
            }
            func exit(_ update: UpdateIdentity, scope: String?, outcome: BatchOutcome) async throws {
                throw BackgroundUpdatesError(.unavailable, "gone")
            }
            func defaultBatchSize(_ update: UpdateIdentity) async throws -> Int64? { 10 }
            func minimumBatchSize(_ update: UpdateIdentity) async throws -> Int64? { nil }
        }
        try self.database.fill(60)
        try self.database.enqueue("a")
        let worker = WorkerFixture.worker([try .counting(self.database, "a")], controller: Dying())
        try await WorkerFixture.run(worker) { worker.counters.current.finished == 1 }
        #expect(worker.counters.current.controllerFailures == worker.counters.current.batches)
        #expect(try self.database.integer("SELECT count(*) FROM notes WHERE seen = 1") == 60)
    }

    @Test func everyScopeThatWasEnteredIsLeft() async throws {
        final class Counting: UpdateController {
            let open = Mutex(0)
            let outcomes = Mutex<[BatchOutcome]>([])
            func enter(_ update: UpdateIdentity, isOneShot: Bool) async throws -> ControllerAnswer? {
                let count = self.open.withLock {
                    $0 += 1
                    return $0
                }
                #expect(count == 1)
                let waits = self.outcomes.withLock { $0.count % 3 == 1 }
                return ControllerAnswer(waits ? .wait(milliseconds: 9000, reason: "night") : .run(milliseconds: 50))
            }
            func exit(_ update: UpdateIdentity, scope: String?, outcome: BatchOutcome) async throws {
                self.open.withLock { $0 -= 1 }
                self.outcomes.withLock { $0.append(outcome) }
            }
            func defaultBatchSize(_ update: UpdateIdentity) async throws -> Int64? { nil }
            func minimumBatchSize(_ update: UpdateIdentity) async throws -> Int64? { nil }
        }
        try self.database.fill(2000)
        try self.database.enqueue("a")
        let controller = Counting()
        let worker = WorkerFixture.worker([try .counting(self.database, "a")], controller: controller)
        try await WorkerFixture.run(worker) { worker.counters.current.finished == 1 }
        #expect(controller.open.withLock { $0 } == 0)
        let outcomes = controller.outcomes.withLock { $0 }
        #expect(outcomes.contains(.aborted("waiting, as told")))
        guard case .finished = outcomes.last else {
            Issue.record("\(outcomes)")
            return
        }
    }

    @Test func aDatabaseThatAppearsLaterIsWorkedOn() async throws {
        try self.database.fill(10)
        try self.database.enqueue("a")
        let late = self.database.folder + "/late.db"
        var configured = try UpdateDatabase.counting(self.database, "a")
        configured.path = late
        let clock = ManualClock()
        let worker = WorkerFixture.worker([configured], clock: clock)
        let queue = self.database.queue
        let rests = Mutex(0)
        try await WorkerFixture.run(worker) {
            if rests.withLock({
                $0 += 1
                return $0 == 3
            }) {
                try? queue.write { _ in }
                try? queue.vacuum(into: late)
            }
            return worker.counters.current.finished == 1
        }
        #expect(worker.counters.current.rows == 10)
    }
}
