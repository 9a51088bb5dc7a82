internal import Glibc
internal import Synchronization

/// One thread that owns sockets, sleeps until something happens to them, and runs tasks in between.
///
/// ``PollLoopResident``s live on the thread and own the sockets. As a task executor the loop runs the tasks that prefer it
/// (`withTaskExecutorPreference(loop)`), and as a serial executor the actors that name it, so that a call over a socket
/// costs no change of thread.
///
/// ## Rounds
/// In each round every resident has its turn, then the tasks that the thread itself made ready run, then the work others
/// sent. Each kind has a bound per round, in number and in time, so none can keep another from its turn. What blocks the
/// thread blocks them all.
///
/// The thread sleeps only after a round in which nothing happened, and only a thread that sleeps costs others a system
/// call to wake.
///
/// ## Bounds
/// Closures wait up to `queueLimit`; ``execute(_:)`` refuses more. Tasks and actors cannot be refused: each piece is one
/// turn of a task that exists, so who makes tasks bounds them.
///
/// ## The end
/// ``stop()`` tells the residents, gives what is ready a short time to run, and ends the thread. Tasks that become ready
/// after that still finish: threads of the system take over the loop's role while there is work, one at a time, and
/// ``isCurrent`` is true on them. Sockets are not served any more, and ``execute(_:)`` throws.
public final class PollLoop: TaskExecutor, SerialExecutor, Sendable {
    /// How long work goes on on the loop's own thread after a stop.
    static let grace = Duration.milliseconds(250)

    public let label: String
    let inbox: Mutex<PollLoopInbox>
    let wakeUp = WakeUpSignal()
    /// The thread that has the loop's role, or 0.
    ///
    /// Each thread only needs to know whether it is the one, and the thread that is wrote the value itself: hence
    /// relaxed.
    let owner = Atomic<UInt>(0)
    let actorLane: ActorLane
    let lastFailure = Mutex<ZeroMQError?>(nil)

    // nonisolated(unsafe) because only the thread that has the loop's role touches it, and the role passes from one thread
    // to the next under the inbox's lock. exclusivity(unchecked) because it is looked at several times for each piece of work, and
    // nothing runs while it is changed: work is taken out first.
    @exclusivity(unchecked) nonisolated(unsafe) var role = Role()

    /// What belongs to the loop's role.
    struct Role {
        var residents: [any PollLoopResident] = []
        /// A resident came or went: nobody sleeps before all had a turn.
        var residentsChanged = false
        /// Work that the thread itself made ready.
        var local = LocalWork()
        /// Work taken from the inbox.
        var batch = WorkBatch()
        /// The sockets are not served any more.
        var hasEnded = false
        /// The residents were told of the end.
        var isStopping = false
    }

    /// Makes a loop that runs once it is started.
    ///
    /// Work may be sent to it before. A loop that was sent work has to be started, or stopped, before it is let go of, or
    /// the work is never done.
    ///
    /// - Parameters:
    ///   - label: What errors and the thread are called by. The system shows the first 15 bytes.
    ///   - queueLimit: How many closures may wait.
    public init(label: String, queueLimit: Int = 65_536) {
        precondition(queueLimit > 0, "A poll loop needs room for a closure.")
        self.label = label
        self.inbox = Mutex(PollLoopInbox(limit: queueLimit))
        self.actorLane = ActorLane()
        self.actorLane.loop = self
    }

    /// Whether the calling thread is the loop's.
    public var isCurrent: Bool {
        self.owner.load(ordering: .relaxed) == UInt(pthread_self())
    }

    /// Does `work` on the loop's thread: at once when called there, else as soon as the thread comes to it.
    ///
    /// Work that is accepted is done exactly once, in the order in which one thread sent it.
    ///
    /// - Throws: ``PollLoopError/queueFull(label:limit:)``, or ``PollLoopError/stopped(label:)`` after ``stop()``.
    public func execute(_ work: @escaping @Sendable () -> Void) throws(PollLoopError) {
        if self.isCurrent {
            guard !self.role.hasEnded else { throw .stopped(label: self.label) }
            return work()
        }
        let delivery = try self.inbox.withLock { (inbox) throws(PollLoopError) in
            try inbox.deliver(closure: work, label: self.label)
        }
        self.follow(delivery)
    }

    /// Gives a resident its place.
    ///
    /// On the loop's thread only.
    ///
    /// A resident that comes after the end began is told so at once.
    public func attach(_ resident: any PollLoopResident) {
        self.preconditionCurrent()
        guard !self.role.isStopping else { return resident.loopWillStop() }
        self.role.residents.append(resident)
        self.role.residentsChanged = true
    }

    /// Takes a resident off the loop.
    ///
    /// On the loop's thread only.
    public func detach(_ resident: any PollLoopResident) {
        self.preconditionCurrent()
        self.role.residents.removeAll { $0 === resident }
        self.role.residentsChanged = true
    }

    /// Why the loop ended without being asked to; `nil` if it did not.
    public var failure: ZeroMQError? {
        self.lastFailure.withLock { $0 }
    }

    func preconditionCurrent() {
        precondition(self.isCurrent, "This belongs on the thread of the poll loop \(self.label): use execute.")
    }

    func follow(_ delivery: PollLoopInbox.Delivery) {
        switch delivery {
        case .done: break
        case .wake: self.wakeUp.send()
        case .drain: self.drainInBackground()
        }
    }
}
