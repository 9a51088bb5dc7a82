import BackgroundUpdates
import MessageBus
import SeededRandom
import Simulation

// MARK: What a worker's shell does

extension UpdateWorld {
    func start(_ worker: Int) {
        guard !self.workers[worker].isAlive, !self.workers[worker].isLost else { return }
        self.nextProcess += 1
        // In a container that is started again the number is the same.
        let number = self.workers[worker].processID
        self.workers[worker].processID = number > 0 && self.random.percent(50) ? number : 100 + self.nextProcess
        self.workers[worker].process = self.nextProcess
        self.workers[worker].isAlive = true
        self.workers[worker].isPaused = false
        self.workers[worker].isStopping = false
        self.workers[worker].missed = []
        self.workers[worker].batch = nil
        self.workers[worker].action = nil
        self.workers[worker].lockAskedAt = nil
        self.workers[worker].commitCosts = [:]
        self.workers[worker].lastProgress = [:]
        let host = "host\(self.workers[worker].host)"
        self.workers[worker].owner = "\(host):\(self.workers[worker].processID):\(self.nextProcess)"
        let handlers = self.settings.updates.filter(\.isKnown).map { ($0.name, $0.kind) }
        self.workers[worker].core = WorkerCore(
            owner: self.workers[worker].owner,
            handlers: Dictionary(handlers) { first, _ in first },
            limits: self.limits,
            seed: self.random.next()
        )
        self.note("--- \(self.workers[worker].owner) starts ---")
        self.ledger.started(worker)
        if self.mutant == .startsAnew { self.forgetProgress() }
        self.happened(.began, at: worker)
    }

    private func forgetProgress() {
        for place in self.store.pending.indices { self.store.pending[place].progress = "{}" }
    }

    /// Hands an event to the core and begins what it says.
    func happened(_ event: WorkerCore.Event, at worker: Int) {
        let wall = self.wallTime(of: worker)
        guard let action = self.workers[worker].core?.handle(event, at: wall) else { return }
        guard !self.workers[worker].isStopping || action.endsSomething else { return self.finishStopping(worker) }
        self.begin(action, at: worker)
    }

    private func begin(_ action: WorkerCore.Action, at worker: Int) {
        let changed = self.mutant?.change(action) ?? action
        self.workers[worker].action = changed
        self.workers[worker].lockAskedAt = nil
        self.ledger.begins(changed, worker, self.workers[worker].owner, self.workers[worker].core?.restReason, self)
        self.note("\(self.workers[worker].owner) \(changed.words)\(self.reason(worker, changed))")
        let process = self.workers[worker].process
        switch changed {
        case .sleep(let duration):
            let sleep = self.workers[worker].sleep
            self.schedule(
                after: duration / .milliseconds(1),
                .wake(worker: worker, process: process, sleep: sleep)
            )
        case .look, .acquire, .enter, .work, .note, .leave, .release:
            self.schedule(after: self.uniform(0.05...2), .perform(worker: worker, process: process))
        }
    }

    private func reason(_ worker: Int, _ action: WorkerCore.Action) -> String {
        guard case .sleep = action, let reason = self.workers[worker].core?.restReason else { return "" }
        return ": \(reason)"
    }

    /// What is left to do for a worker that ends: the scope, the lease.
    private func finishStopping(_ worker: Int) {
        for action in self.workers[worker].core?.stop() ?? [] {
            switch action {
            case .leave(let update, let scope, let outcome): self.leave(update, scope, outcome, at: worker)
            case .release(let lease) where self.locker == nil && self.isReadable: self.release(lease, at: worker)
            default: break
            }
        }
        self.workers[worker].isAlive = false
        self.note("--- \(self.workers[worker].owner) ends ---")
        self.ledger.ended(worker, isGraceful: true, self)
        self.schedule(after: self.uniform(10...4000), .start(worker: worker))
    }

    /// Does the action in hand.
    func perform(at worker: Int) {
        guard let action = self.workers[worker].action else { return }
        switch action {
        case .look:
            guard self.isReadable else { return self.happened(.failed(Self.unreadable), at: worker) }
            self.look(worker)
        case .acquire, .note, .release:
            guard self.isReadable else { return self.refused(action, Self.unreadable, at: worker) }
            guard self.hasLock(worker) else { return }
            self.change(action, at: worker)
        case .enter(let update, let isOneShot): self.enter(update, isOneShot, at: worker)
        case .work(let update, let permit, let lease): self.work(update, permit, lease, at: worker)
        case .leave(let update, let scope, let outcome):
            self.leave(update, scope, outcome, at: worker)
            self.happened(.left, at: worker)
        case .sleep: break
        }
    }

    static let unreadable = BackgroundUpdatesError(.unavailable, "the database cannot be opened")
    static let busy = BackgroundUpdatesError(.busy, "somebody else holds the database's lock")

    /// Waits for the write lock, for a second at most.
    ///
    /// - Returns: Whether nobody holds it; if not, the action in hand is tried again or has failed.
    private func hasLock(_ worker: Int) -> Bool {
        guard self.locker != nil else { return true }
        let since = self.workers[worker].lockAskedAt ?? self.now
        self.workers[worker].lockAskedAt = since
        if self.now.since(since) >= .seconds(1), let action = self.workers[worker].action {
            self.refused(action, Self.busy, at: worker)
        } else {
            self.schedule(after: 20, .perform(worker: worker, process: self.workers[worker].process))
        }
        return false
    }

    /// An action that the database refuses; giving a lease back is not tried again.
    private func refused(_ action: WorkerCore.Action, _ error: BackgroundUpdatesError, at worker: Int) {
        self.ledger.refused(worker)
        if case .release = action { return self.happened(.released, at: worker) }
        self.happened(.failed(error), at: worker)
    }

    private func look(_ worker: Int) {
        var view = self.store.view(isOwnerGone: self.isGone(self.store.control.owner, seenBy: worker))
        self.ledger.looked(worker, view, at: self.wallTime(of: worker))
        self.mutant?.change(&view, worker: self.workers[worker].owner)
        self.workers[worker].view = view
        self.happened(.saw(view), at: worker)
    }

    /// Whether a process on the machine of the one that asks has ended.
    func isGone(_ owner: String, seenBy worker: Int) -> Bool {
        let parts = owner.split(separator: ":")
        guard parts.count == 3, parts[0] == "host\(self.workers[worker].host)" else { return false }
        return !self.workers.contains { $0.isAlive && "host\($0.host)" == parts[0] && "\($0.processID)" == parts[1] }
    }

    /// The short transactions.
    private func change(_ action: WorkerCore.Action, at worker: Int) {
        let before = self.store
        let owner = self.workers[worker].owner
        let wall = self.wallTime(of: worker)
        switch action {
        case .acquire:
            self.store.control.isOwnerGone = self.isGone(before.control.owner, seenBy: worker)
            var answer = self.store.control.acquire(owner: owner, at: wall, for: self.limits.leaseTTL)
            self.store.control.isOwnerGone = false
            self.mutant?.change(&answer, &self.store.control, before.control)
            self.ledger.acquired(answer, worker, before.control, self)
            self.note("\(owner) \(answer)")
            self.happened(.acquired(answer), at: worker)
        case .note(let update, let note, let lease):
            do throws(BackgroundUpdatesError) {
                try self.store.control.assert(lease, for: update, at: wall)
                if var record = try? self.store.record(update) {
                    _ = record.take(note, at: wall)
                    self.store.save(record)
                }
                self.ledger.noted(update, worker, before, self.store)
                self.happened(.noted, at: worker)
            } catch {
                self.store = before
                self.ledger.refused(worker)
                self.happened(.failed(error), at: worker)
            }
        case .release(let lease):
            self.release(lease, at: worker)
            self.happened(.released, at: worker)
        default: break
        }
    }

    private func release(_ lease: Lease, at worker: Int) {
        guard self.mutant != .leaseKept else { return }
        self.store.control.release(lease)
    }

    // MARK: The controller

    private func enter(_ update: String, _ isOneShot: Bool, at worker: Int) {
        let process = self.workers[worker].process
        var judge = ControllerJudge(ControllerDefaults())
        let (answer, delay) = self.controllerSays()
        let entry = judge.entry(answer)
        let changed = self.mutant?.change(entry) ?? entry
        self.ledger.entered(update, worker, entry)
        self.schedule(after: delay, .happened(worker: worker, process: process, .entered(changed)))
    }

    /// What the module that paces says, and when; nil when nothing is heard in time.
    private func controllerSays() -> (ControllerAnswer?, Double) {
        guard let controller = self.settings.controller else { return (nil, 0.1) }
        let delay = self.uniform(0.1...30)
        guard !self.isCalm else { return (ControllerAnswer(.run(milliseconds: 100), scope: self.scope()), delay) }
        if self.random.percent(controller.silence) { return (nil, 2000) }
        if self.random.percent(controller.nonsense) {
            let senseless = self.random.pick([0, -1, .nan, .infinity, 1e12])
            return (ControllerAnswer(.run(milliseconds: senseless), sleepMilliseconds: senseless, scope: nil), delay)
        }
        if self.random.percent(controller.waits) {
            let wait = self.uniform(50...90_000)
            return (ControllerAnswer(.wait(milliseconds: wait, reason: "busy"), scope: self.scope()), delay)
        }
        let verdict = ControllerAnswer.Verdict.run(milliseconds: controller.milliseconds)
        return (ControllerAnswer(verdict, sleepMilliseconds: controller.sleep, scope: self.scope()), delay)
    }

    private func scope() -> String {
        self.nextScope += 1
        return "s\(self.nextScope)"
    }

    private func leave(_ update: String, _ scope: UpdatePermit.Scope, _ outcome: BatchOutcome, at worker: Int) {
        switch self.mutant {
        case .exitDropped: return
        case .exitRepeated: self.ledger.left(update, scope, outcome, worker)
        default: break
        }
        self.ledger.left(update, scope, outcome, worker)
    }

    func advice(isFirst: Bool) -> SizeAdvice {
        var judge = ControllerJudge(ControllerDefaults())
        let controller = self.settings.controller
        return judge.sizes(first: isFirst ? controller?.firstSize : nil, minimum: controller?.minimum)
    }
}

extension WorkerCore.Action {
    /// In a few words, for people.
    var words: String {
        switch self {
        case .look: "looks"
        case .acquire: "wants the lease"
        case .enter(let update, _): "enters \(update)"
        case .work(let update, let permit, let lease): "works \(update) for \(permit.target) in epoch \(lease.epoch)"
        case .note(let update, let note, _): "notes of \(update): \(note)"
        case .leave(let update, let scope, let outcome): "leaves \(update) \(scope.id ?? ""): \(outcome)"
        case .release(let lease): "gives epoch \(lease.epoch) back"
        case .sleep(let duration): "sleeps \(duration)"
        }
    }
}
