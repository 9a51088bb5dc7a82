internal import Logging
internal import Synchronization

/// Does what ``WorkerCore`` says with one database.
final class DatabaseRunner: Sendable {
    /// What others may know about it at any time.
    struct Snapshot: Sendable {
        var restReason: String?
        var lastLookFailed: String?
    }

    let store: UpdateStore
    let handlers: [String: any UpdateHandler]
    private let owner: String
    private let controller: GuardedController
    private let limits: WorkerLimits
    private let counters: WorkerCounters
    private let logger: Logger
    private let alarm = Alarm()
    private let hasToStop = Atomic<Bool>(false)
    private let shared = Mutex(Snapshot())

    init(
        store: UpdateStore,
        handlers: [String: any UpdateHandler],
        owner: String,
        controller: GuardedController,
        limits: WorkerLimits,
        counters: WorkerCounters,
        logger: Logger
    ) {
        self.store = store
        self.handlers = handlers
        self.owner = owner
        self.controller = controller
        self.limits = limits
        self.counters = counters
        self.logger = logger
    }

    var kinds: [String: UpdateKind] { self.handlers.mapValues(\.kind) }
    var snapshot: Snapshot { self.shared.withLock { $0 } }

    /// Looks at the queue soon.
    func wake() { self.alarm.ring() }

    /// Ends after the step in hand.
    func stop() {
        self.hasToStop.store(true, ordering: .releasing)
        self.alarm.ring()
    }

    private var isStopping: Bool { self.hasToStop.load(ordering: .acquiring) || Task.isCancelled }

    /// Works until it is told to stop.
    ///
    /// - Parameter seed: What spreads this worker's retries.
    func run(seed: UInt64 = .random(in: .min ... .max)) async {
        var core = WorkerCore(owner: self.owner, handlers: self.kinds, limits: self.limits, seed: seed)
        var bench = Workbench()
        var event = WorkerCore.Event.began
        while !self.isStopping {
            let action = core.handle(event, at: self.store.clock.wallTime())
            self.shared.withLock { $0.restReason = core.restReason }
            event = await self.perform(action, &bench)
        }
        // What the last event leads to is still done as far as it ends something: a note, an exit, a lease.
        var action = core.handle(event, at: self.store.clock.wallTime())
        while action.endsSomething {
            event = await self.perform(action, &bench)
            action = core.handle(event, at: self.store.clock.wallTime())
        }
        for action in core.stop() { _ = await self.perform(action, &bench) }
    }

    private func perform(_ action: WorkerCore.Action, _ bench: inout Workbench) async -> WorkerCore.Event {
        do {
            switch action {
            case .look: return .saw(try await self.look(&bench))
            case .acquire: return .acquired(try await self.acquire())
            case .enter(let update, let isOneShot):
                return .entered(await self.controller.enter(self.identity(update), isOneShot: isOneShot))
            case .work(let update, let permit, let lease):
                return await self.work(update, permit, lease, &bench)
            case .note(let update, let note, let lease):
                try await self.note(note, of: update, lease)
                return .noted
            case .leave(let update, let scope, let outcome):
                await self.controller.exit(self.identity(update), scope: scope, outcome: outcome)
                return .left
            case .release(let lease):
                await self.release(lease)
                return .released
            case .sleep(let duration):
                await self.alarm.sleep(for: duration, self.store.clock)
                return .slept
            }
        } catch {
            return .failed(self.noted(error))
        }
    }

    private func identity(_ update: String) -> UpdateIdentity {
        UpdateIdentity(update: update, database: self.store.name)
    }

    // MARK: Steps

    private func look(_ bench: inout Workbench) async throws -> QueueView {
        do {
            bench.view = try await self.store.view()
            self.shared.withLock { $0.lastLookFailed = nil }
        } catch {
            self.shared.withLock { $0.lastLookFailed = "\(error)" }
            throw error
        }
        return bench.view
    }

    private func acquire() async throws -> LeaseAnswer {
        let answer = try await self.store.acquire(owner: self.owner, for: self.limits.leaseTTL)
        if case .granted(let lease) = answer {
            self.counters.add(\.leasesTaken)
            self.logger.info(
                "database taken over",
                metadata: ["update.database": "\(self.store.name)", "lease.epoch": "\(lease.epoch)"]
            )
        }
        return answer
    }

    /// Failing to give it back costs others the time until it ends, and nothing else.
    private func release(_ lease: Lease) async {
        do {
            try await self.store.release(lease)
        } catch {
            self.logger.debug("lease not given back", metadata: ["error": "\(error)"])
        }
    }

    private func note(_ note: FailureNote, of update: String, _ lease: Lease) async throws {
        try await self.store.note(note, of: update, under: lease)
        if note.isSetAside { self.counters.add(\.setAside) }
        self.logger.warning(
            note.isSetAside ? "update set aside" : "batch failed",
            metadata: [
                "update.name": "\(update)", "update.database": "\(self.store.name)",
                "update.failures": "\(note.failures)", "error": "\(note.message)",
            ]
        )
    }

    private func noted(_ error: any Error) -> BackgroundUpdatesError {
        let error = BackgroundUpdatesError(describing: error)
        self.logger.debug(
            "the database could not be worked on",
            metadata: ["update.database": "\(self.store.name)", "error": "\(error)"]
        )
        return error
    }

    // MARK: Work

    private func work(
        _ update: String,
        _ permit: UpdatePermit,
        _ lease: Lease,
        _ bench: inout Workbench
    ) async -> WorkerCore.Event {
        guard let handler = self.handlers[update] else {
            return .workFailed(.init(.invalidDeclaration, "nobody knows what `\(update)` means"), size: nil)
        }
        let state = bench.view.states[update]
        let size = await self.pace(for: update, permit, state)
        do {
            if bench.checked.insert(update).inserted { try await handler.check(self.store) }
            let batch = self.batch(update, handler, size, lease, state, bench)
            let report = try await handler.run(batch)
            bench.commitCosts[update] = report.isFinished ? nil : report.commitCost
            if report.isFinished { bench.checked.remove(update) }
            self.count(report, of: update)
            return .worked(report)
        } catch {
            bench.checked.remove(update)
            let error = BackgroundUpdatesError(describing: error)
            self.count(error)
            return .workFailed(error, size: handler.kind.isOneShot ? nil : size.pace.size)
        }
    }

    private func pace(for update: String, _ permit: UpdatePermit, _ state: UpdateState?) async -> PacedSize {
        let sizer = state?.sizer ?? BatchSizer()
        let advice = await self.controller.sizes(self.identity(update), isFirst: sizer.size == nil)
        let bounds = BatchSizer.Bounds(minimum: advice.minimum)
        let pace = BatchPace(
            size: sizer.next(firstSize: advice.first, bounds: bounds),
            minimum: bounds.minimum,
            target: permit.target.milliseconds
        )
        return PacedSize(pace: pace, bounds: bounds)
    }

    private func batch(
        _ update: String,
        _ handler: any UpdateHandler,
        _ size: PacedSize,
        _ lease: Lease,
        _ state: UpdateState?,
        _ bench: Workbench
    ) -> BatchContext {
        let claim = BatchClaim(
            lease: lease,
            update: update,
            handler: handler.kind,
            pace: size.pace,
            bounds: size.bounds,
            commitCost: bench.commitCosts[update] ?? 0
        )
        let keeper = LeaseKeeper(lease, update: update, store: self.store)
        return BatchContext(
            store: self.store,
            claim: claim,
            isCounted: (state?.batches ?? 0) > 0,
            keepLease: { try await keeper.keep() },
            isStopping: { self.isStopping }
        )
    }

    private func count(_ report: BatchReport, of update: String) {
        self.counters.add(\.batches)
        self.counters.add(\.rows, report.rows)
        self.counters.add(\.skippedRows, report.skipped)
        if report.isCut { self.counters.add(\.cuts) }
        if report.isFinished { self.counters.add(\.finished) }
        self.logger.log(
            level: report.isFinished ? .info : .debug,
            report.isFinished ? "update finished" : "batch committed",
            metadata: [
                "update.name": "\(update)", "update.database": "\(self.store.name)", "batch.rows": "\(report.rows)",
                "batch.size": "\(report.size)", "batch.duration_ms": "\(report.milliseconds)",
            ]
        )
    }

    private func count(_ error: BackgroundUpdatesError) {
        switch error.code {
        case .fenced, .gone: self.counters.add(\.fenced)
        case .stale: self.counters.add(\.stale)
        case .busy: self.counters.add(\.lockTimeouts)
        default: self.counters.add(\.failures)
        }
    }
}

/// What a runner remembers between two actions; all of it can be forgotten.
private struct Workbench {
    var view = QueueView()
    /// Updates whose declaration fits the database.
    var checked: Set<String> = []
    var commitCosts: [String: Double] = [:]
}

/// The size of a batch with the bounds it was chosen in.
private struct PacedSize: Sendable {
    var pace: BatchPace
    var bounds: BatchSizer.Bounds
}
