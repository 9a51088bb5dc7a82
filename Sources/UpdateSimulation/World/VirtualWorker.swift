import BackgroundUpdates
import MessageBus

/// A worker's process and what its shell remembers.
struct VirtualWorker {
    let number: Int
    let host: Int
    /// Counts its processes: what was on its way to an earlier one does not reach this one.
    var process = 0
    var processID = 0
    var owner = ""
    var isAlive = false
    var isPaused = false
    /// Whether its machine is gone for good.
    var isLost = false
    var isStopping = false
    var core: WorkerCore?
    /// What arrived while it was stopped by a signal.
    var missed: [UpdateWorld.Event] = []
    /// Which sleep it is in: an alarm ends one and no later one.
    var sleep = 0
    /// What it does, until the answer comes.
    var action: WorkerCore.Action?
    /// Since when it waits for the lock.
    var lockAskedAt: MonotonicTime?
    /// What it saw when it looked last.
    var view = QueueView()
    var batch: VirtualBatch?
    var commitCosts: [String: Double] = [:]
    /// The cursor of its last batch, for one that does not read it again.
    var lastProgress: [String: UpdateProgress] = [:]
}

/// The batch in hand.
struct VirtualBatch {
    enum Phase {
        /// Reads rows and asks a module.
        case preparing
        /// The module thinks about rows.
        case thinking(rows: [VirtualRow], limit: Int, since: MonotonicTime)
        /// Waits for the lock, or holds it.
        case committing
    }

    var update: String
    var permit: UpdatePermit
    var claim: BatchClaim
    var phase = Phase.committing
    var prepared: PreparedRows?
    var began: MonotonicTime
    /// When its lease was prolonged last, by itself.
    var renewedAt: MonotonicTime?
    /// What takes the place of the database when it is committed.
    var result: VirtualStore?
    var report: BatchReport?
    /// How far it had come when its last step began: rows, and milliseconds.
    var rowsBeforeLastStep = 0
    var elapsedBeforeLastStep = 0.0
}
