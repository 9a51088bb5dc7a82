import BackgroundUpdates
import MessageBus

// MARK: What may run, and when

extension UpdateLedger {
    /// Why an update cannot run; nil when it can.
    ///
    /// Written once more from `docs/background-updates.md`.
    private func obstacle(_ update: PendingUpdate, _ view: QueueView, at wall: WallTime) -> String? {
        guard self.settings.updates.contains(where: { $0.name == update.name && $0.isKnown }) else {
            return "is unknown"
        }
        if let state = view.states[update.name] {
            if state.standing == .paused { return "is paused" }
            if state.standing == .setAside { return "is set aside" }
            if state.retryAt > wall { return "is to be tried later" }
        }
        guard let other = update.dependsOn, view.pending.contains(where: { $0.name == other }) else { return nil }
        return "waits for \(other)"
    }

    mutating func checkOrder(_ update: String, _ worker: Int, _ owner: String) {
        let view = self.books[worker].view
        let wall = self.books[worker].lookedAt
        guard view.control.isEnabled else { return self.report(.control, "\(owner) works while updates are disabled") }
        guard let pending = view.pending.first(where: { $0.name == update }) else {
            return self.report(.order, "\(owner) works \(update), which is not pending")
        }
        if let obstacle = self.obstacle(pending, view, at: wall) {
            let rule: UpdateRule =
                switch obstacle {
                case "is paused", "is set aside": .control
                case "is to be tried later": .backoff
                default: .order
                }
            return self.report(rule, "\(owner) works \(update), which \(obstacle)")
        }
        defer { self.books[worker].current = update }
        guard self.books[worker].current != update else { return }
        let first = view.pending
            .sorted { ($0.ordering, $0.name) < ($1.ordering, $1.name) }
            .first { self.obstacle($0, view, at: wall) == nil }
        guard first?.name != update else { return }
        self.report(.order, "\(owner) begins \(update), and \(first?.name ?? "") comes first")
    }

    /// Rests are as long as they should be, and nobody keeps what others could use meanwhile.
    mutating func checkRest(
        _ duration: Duration,
        _ worker: Int,
        _ owner: String,
        _ reason: String?,
        _ world: UpdateWorld
    ) {
        let book = self.books[worker]
        if let scope = book.scope { self.report(.scope, "\(owner) rests in scope \(scope.id ?? "")") }
        switch (book.entry, book.outcome) {
        case (.run(let permit), .success):
            if duration < permit.sleep {
                self.report(.pace, "\(owner) is to sleep \(permit.sleep) and sleeps \(duration)")
            }
        case (.wait(let rest, _, _), _):
            if duration < rest { self.report(.pace, "\(owner) is to wait \(rest) and waits \(duration)") }
        case (.run, .failure): break
        case (.run, nil), (nil, _):
            // Whoever gives back what the process before it held looks again at once.
            if duration < .milliseconds(180), !book.hasGivenBack {
                self.report(.rest, "\(owner) could do nothing and comes back after \(duration)")
            }
            if reason?.isEmpty ?? true { self.report(.rest, "\(owner) does nothing and does not say why") }
        }
        self.books[worker].hasGivenBack = false
        guard duration > self.limits.leaseTTL / 2 || book.entry == nil, !book.wasRefused else { return }
        guard world.store.control.owner == owner, world.isReadable else { return }
        self.report(.lease, "\(owner) rests for \(duration) and keeps the database")
    }

    // MARK: Failures

    mutating func failed(_ worker: Int, _ error: BackgroundUpdatesError, at wall: WallTime) {
        self.books[worker].outcome = .failure(error)
        guard error.code != .fenced, error.code != .gone, error.code != .busy else { return }
        guard let update = self.books[worker].current else { return }
        self.books[worker].unnoted = (update, error, wall)
        self.books[worker].current = nil
    }

    mutating func worked(_ worker: Int, _ report: BatchReport) {
        self.books[worker].outcome = .success(report)
        if report.isFinished { self.books[worker].current = nil }
    }

    /// What is kept of a failure is what it should come to.
    mutating func noted(_ update: String, _ worker: Int, _ before: VirtualStore, _ after: VirtualStore) {
        guard let (_, error, wall) = self.books[worker].unnoted else { return }
        self.books[worker].unnoted = nil
        guard let old = try? before.record(update).state, old.standing == .active, let new = after.states[update] else {
            return
        }
        let known = self.books[worker].view.states[update]?.failures ?? 0
        let pause = wall.until(new.retryAt)
        switch error.code {
        case .stale:
            self.check(new, failures: known, isSetAside: false, pause, .milliseconds(180)...(.milliseconds(261)))
        case .unavailable:
            self.check(new, failures: known, isSetAside: false, pause, .milliseconds(900)...(.milliseconds(19_501)))
        case .definitive, .invalidDeclaration:
            self.check(new, failures: known + 1, isSetAside: true, nil, .zero...(.zero))
        default:
            let exact = Duration.seconds(1 << min(known, 20))
            let longest = min(exact, .seconds(300))
            self.check(
                new,
                failures: known + 1,
                isSetAside: known + 1 >= 5,
                pause,
                (longest * 0.89)...(longest * 1.31)
            )
        }
        guard error.code == .stale || new.failures > known, let size = new.sizer.size else { return }
        self.accounts[update, default: Account()].sizeMax = size
    }

    private mutating func check(
        _ state: UpdateState,
        failures: Int,
        isSetAside: Bool,
        _ pause: Duration?,
        _ pauses: ClosedRange<Duration>
    ) {
        guard state.failures == failures, (state.standing == .setAside) == isSetAside else {
            return self.report(
                .backoff,
                "\(state.name) has failed \(state.failures) times and is \(state.standing), \(failures) and set aside: \(isSetAside) are right"
            )
        }
        guard let pause, !pauses.contains(pause) else { return }
        self.report(.backoff, "\(state.name) is tried again after \(pause), \(pauses) are right")
    }

    /// It begins anew.
    mutating func queued(_ update: String) { self.accounts[update] = nil }
}
