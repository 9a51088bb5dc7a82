import BackgroundUpdates
import MessageBus
import Simulation

/// Sees everything that workers and others do to the database, and holds it against the rules.
///
/// It has the rows as they were before each commit and as they are after it, and derives from them alone what has been done. Of the cores it takes
/// only what they say they do next.
struct UpdateLedger {
    /// What is known of one worker's process.
    struct Book {
        /// What it saw when it looked last, as it is, and when by its clock.
        var view = QueueView()
        var lookedAt = WallTime(milliseconds: 0)
        /// The update that it began and goes on with.
        var current: String?
        var scope: UpdatePermit.Scope?
        /// What it was told when it entered in this round.
        var entry: EntryAnswer?
        var outcome: Result<BatchReport, BackgroundUpdatesError>?
        /// What went wrong and has to be kept.
        var unnoted: (update: String, error: BackgroundUpdatesError, at: WallTime)?
        /// Whether the database has refused something in this round.
        var wasRefused = false
        var hasGivenBack = false
    }

    /// What is known of one update.
    struct Account {
        /// What its next batch may have at most; nil before its first.
        var sizeMax: Int?
        var items = 0
        var batches = 0
    }

    let settings: UpdateSettings
    let limits = WorkerLimits()
    private(set) var violation: UpdateViolation?
    var books: [Book]
    var accounts: [String: Account] = [:]
    /// The newest lease.
    var epoch: Int64 = 0
    var batches = 0
    var rows = 0
    /// How many had been committed when it was looked last whether anything moves.
    var batchesBefore = 0

    init(_ settings: UpdateSettings) {
        self.settings = settings
        self.books = Array(repeating: Book(), count: settings.workers)
    }

    mutating func report(_ rule: UpdateRule, _ message: @autoclosure () -> String) {
        guard self.violation == nil else { return }
        self.violation = UpdateViolation(rule: rule, message: message())
    }

    // MARK: A worker's life

    mutating func started(_ worker: Int) { self.books[worker] = Book() }

    mutating func ended(_ worker: Int, isGraceful: Bool, _ world: UpdateWorld) {
        if isGraceful, let scope = self.books[worker].scope {
            self.report(.scope, "worker \(worker) has ended in scope \(scope.id ?? "")")
        }
        self.books[worker] = Book()
    }

    mutating func looked(_ worker: Int, _ view: QueueView, at wall: WallTime) {
        self.books[worker].view = view
        self.books[worker].lookedAt = wall
    }

    /// The database has refused an action: what was to follow from it does not.
    mutating func refused(_ worker: Int) {
        self.books[worker].wasRefused = true
        self.books[worker].unnoted = nil
    }

    mutating func begins(
        _ action: WorkerCore.Action,
        _ worker: Int,
        _ owner: String,
        _ reason: String?,
        _ world: UpdateWorld
    ) {
        if let (update, error, _) = self.books[worker].unnoted {
            guard case .note(update, _, _) = action else {
                return self.report(.backoff, "\(owner) does not keep that \(update) failed: \(error)")
            }
        }
        switch action {
        case .look:
            self.books[worker].entry = nil
            self.books[worker].outcome = nil
            self.books[worker].wasRefused = false
        case .enter(let update, _): self.checkOrder(update, worker, owner)
        case .release: self.books[worker].hasGivenBack = true
        case .sleep(let duration): self.checkRest(duration, worker, owner, reason, world)
        case .acquire, .work, .note, .leave: break
        }
    }

    // MARK: Scopes

    mutating func entered(_ update: String, _ worker: Int, _ entry: EntryAnswer) {
        self.books[worker].entry = entry
        self.books[worker].outcome = nil
        if let open = self.books[worker].scope {
            self.report(.scope, "worker \(worker) enters \(update) and is in scope \(open.id ?? "")")
        }
        self.books[worker].scope =
            switch entry {
            case .run(let permit): permit.scope
            case .wait(_, _, let scope): scope
            }
    }

    mutating func left(_ update: String, _ scope: UpdatePermit.Scope, _ outcome: BatchOutcome, _ worker: Int) {
        guard self.books[worker].scope == scope else {
            return self.report(.scope, "worker \(worker) leaves \(scope.id ?? "") of \(update) and is not in it")
        }
        self.books[worker].scope = nil
        let isRight =
            switch (self.books[worker].outcome, outcome) {
            case (.success(let report), .progressed(let rows, _, _)): !report.isFinished && report.rows == rows
            case (.success(let report), .finished(let rows, _)): report.isFinished && report.rows == rows
            case (.failure, .failed), (.failure, .aborted), (nil, .aborted): true
            default: false
            }
        guard !isRight else { return }
        self.report(.scope, "worker \(worker) leaves \(update) with \(outcome), which is not what came of it")
    }

    // MARK: Leases

    mutating func acquired(_ answer: LeaseAnswer, _ worker: Int, _ before: Control, _ world: UpdateWorld) {
        guard case .granted(let lease) = answer else { return }
        let own = world.workers[worker].owner
        guard before.owner != own else {
            if lease.epoch != before.epoch { self.report(.lease, "\(own) has its own lease in another epoch") }
            return
        }
        guard lease.epoch > self.epoch else {
            return self.report(.lease, "\(own) takes over in epoch \(lease.epoch), which has been")
        }
        self.epoch = lease.epoch
        let isKept = !before.owner.isEmpty && before.until > world.wallTime(of: worker)
        if isKept, !world.isGone(before.owner, seenBy: worker) {
            self.report(.lease, "\(own) takes over from \(before.owner), whose lease lasts")
        }
    }

    /// Whoever waits for a module has the database for as long as that may take.
    mutating func asks(_ worker: Int, _ world: UpdateWorld) {
        let control = world.store.control
        guard control.owner == world.workers[worker].owner else { return }
        let left = world.wallTime(of: worker).until(control.until)
        guard left < .seconds(5) else { return }
        self.report(.lease, "\(control.owner) asks a module, and its lease ends in \(left)")
    }
}
