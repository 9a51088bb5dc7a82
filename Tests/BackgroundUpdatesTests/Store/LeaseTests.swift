import Testing

@testable import BackgroundUpdates

struct LeaseTests {
    private let database: TestDatabase
    private let clock = ManualClock()
    private let store: UpdateStore

    init() throws {
        self.database = try TestDatabase()
        try self.database.fill(50)
        try self.database.enqueue("u")
        self.store = UpdateStore(name: "main", path: self.database.path, clock: self.clock)
    }

    private func work(_ lease: Lease) async -> Result<BatchReport, any Error> {
        await outcome {
            let handler = try Updates.counting()
            return try await handler.run(Updates.batch(self.store, "u", handler, lease, size: 10))
        }
    }

    @Test func onlyOneWorkerHoldsADatabase() async throws {
        _ = try await self.store.lease("here:0:a")
        guard case .held(let owner, _) = try await self.store.acquire(owner: "here:0:b", for: .seconds(10)) else {
            Issue.record("granted twice")
            return
        }
        #expect(owner == "here:0:a")
    }

    @Test func aPausedWorkerThatComesBackCannotCommit() async throws {
        let paused = try await self.store.lease("here:0:a")
        #expect(await self.work(paused).code == nil)
        self.clock.advance(by: .seconds(11))
        let next = try await self.store.lease("here:0:b")
        #expect(next.epoch == paused.epoch + 1)
        let before = try self.database.contents()
        #expect(await self.work(paused).code == .fenced)
        #expect(try self.database.contents() == before)
        #expect(await self.work(next).code == nil)
    }

    @Test func aLeaseThatEndedAndThatNobodyTookIsStillGood() async throws {
        let lease = try await self.store.lease()
        self.clock.advance(by: .seconds(3600))
        #expect(await self.work(lease).code == nil)
    }

    @Test func everyBatchProlongsTheLease() async throws {
        let lease = try await self.store.lease("here:0:a")
        self.clock.advance(by: .seconds(9))
        #expect(await self.work(lease).code == nil)
        self.clock.advance(by: .seconds(9))
        guard case .held = try await self.store.acquire(owner: "here:0:b", for: .seconds(10)) else {
            Issue.record("the batch did not prolong the lease")
            return
        }
    }

    @Test func aLeaseThatIsGivenBackIsFreeAtOnceAndCannotCommit() async throws {
        let lease = try await self.store.lease("here:0:a")
        try await self.store.release(lease)
        #expect(await self.work(lease).code == .fenced)
        _ = try await self.store.lease("here:0:b")
    }

    @Test func aClockThatJumpedDoesNotKeepTheDatabaseForEver() async throws {
        self.clock.advance(by: .seconds(86_400 * 365))
        _ = try await self.store.lease("here:0:a")
        let back = UpdateStore(name: "main", path: self.database.path, clock: ManualClock())
        _ = try await back.lease("here:0:b")
        #expect(try await back.view().control.epoch == 2)
    }

    @Test func aProcessThatEndedOnThisMachineIsNotWaitedFor() async throws {
        let here = LeaseOwner.make(incarnation: "x")
        #expect(!LeaseOwner.isGone(here))
        let host = try #require(here.split(separator: ":").first)
        #expect(LeaseOwner.isGone("\(host):2147483646:x"))
        #expect(!LeaseOwner.isGone("elsewhere:2147483646:x"))
        #expect(!LeaseOwner.isGone("nonsense"))
        _ = try await self.store.lease("\(host):2147483646:x")
        _ = try await self.store.lease("here:0:b")
    }

    @Test func disabledUpdatesAreNeitherTakenNorCommitted() async throws {
        let lease = try await self.store.lease()
        try await self.store.setEnabled(false)
        #expect(await self.work(lease).code == .fenced)
        #expect(try await self.store.acquire(owner: "here:0:a", for: .seconds(10)) == .disabled)
        try await self.store.setEnabled(true)
        #expect(await self.work(lease).code == nil)
    }

    @Test func aPausedUpdateIsNotCommitted() async throws {
        let lease = try await self.store.lease()
        try await self.store.setStanding(.paused, of: "u", event: "paused")
        #expect(await self.work(lease).code == .fenced)
        try await self.store.setStanding(.active, of: "u", event: "resumed")
        #expect(await self.work(lease).code == nil)
    }

    @Test func aFailureIsKeptOnlyByWhoeverHoldsTheDatabase() async throws {
        let old = try await self.store.lease("here:0:a")
        self.clock.advance(by: .seconds(11))
        _ = try await self.store.lease("here:0:b")
        let note = FailureNote(
            message: "no",
            failures: 1,
            retryAt: self.clock.wallTime(),
            isSetAside: true,
            failedSize: nil
        )
        let result = await outcome { try await self.store.note(note, of: "u", under: old) }
        #expect(result.code == .fenced)
        #expect(try await self.store.view().states["u"] == nil)
    }
}
