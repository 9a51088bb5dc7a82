internal import Logging
internal import MessageBus
internal import ServiceLifecycle
internal import Synchronization
internal import WireProtocol

/// Calls over the bus that end in time whatever the bus does, and of which there are never too many.
///
/// The bus ends calls itself when their budget is over. This is the second line: a call that is not back by then plus
/// some slack is abandoned, so that a defect below costs its own requests a 504 and never a client that hangs.
final class GuardedCaller: Service {
    /// The result of a call.
    typealias Outcome = Result<BusReply, CallFailure>

    private struct Call {
        /// Set once the caller waits.
        var waiter: CheckedContinuation<Outcome, Never>?
        /// Set once the bus has been asked.
        var task: Task<Void, Never>?
        var isCancelled = false
    }

    private let bus: any BusCaller
    private let slack: Duration
    private let executor: (any TaskExecutor)?
    private let logger: Logger
    private let ledger: Mutex<CallLedger<Call>>
    private let abandoned = Atomic<Int>(0)

    /// Makes a caller.
    ///
    /// - Parameters:
    ///   - bus: what ends calls in time, as a rule.
    ///   - callsMax: the most calls at a time; more are refused as overloaded.
    ///   - slack: how long after its budget a call is abandoned.
    ///   - executor: where calls are made; `nil` for the pool.
    ///   - logger: gets defects of the bus.
    init(
        _ bus: any BusCaller,
        callsMax: Int,
        slack: Duration,
        executor: (any TaskExecutor)? = nil,
        logger: Logger
    ) {
        self.bus = bus
        self.slack = slack
        self.executor = executor
        self.logger = logger
        self.ledger = Mutex(CallLedger(capacity: callsMax))
    }

    /// The calls on their way.
    var callsInFlight: Int {
        self.ledger.withLock { $0.count }
    }

    /// How many calls had to be abandoned: anything but 0 is a defect of the bus.
    var callsAbandoned: Int {
        self.abandoned.load(ordering: .relaxed)
    }

    /// Makes a call; a reply that says error or overloaded is a failure here.
    func call(_ request: BusRequest) async -> Outcome {
        let deadline = ContinuousClock.now + request.budget + self.slack
        guard let id = self.ledger.withLock({ $0.admit(Call(), deadline: deadline) }) else {
            return .failure(.bus(BusError(.overloaded, "too many calls at once")))
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let isLive = self.ledger.withLock { $0.update(id) { $0.waiter = waiter } }
                guard isLive else { return waiter.resume(returning: .failure(.abandoned)) }
                self.start(request, id)
            }
        } onCancel: {
            self.cancel(id)
        }
    }

    /// Abandons calls that are late, until the process ends.
    func run() async {
        let interval = max(self.slack / 4, .milliseconds(10))
        let ticks = AsyncTicks(interval: interval).cancelOnGracefulShutdown()
        for await now in ticks {
            self.abandonLateCalls(now: now)
        }
    }

    /// Ends the calls that should have ended by now.
    func abandonLateCalls(now: ContinuousClock.Instant) {
        for call in self.ledger.withLock({ $0.expire(now: now) }) {
            self.abandoned.add(1, ordering: .relaxed)
            self.logger.error("the bus did not end a call in time")
            call.task?.cancel()
            call.waiter?.resume(returning: .failure(.abandoned))
        }
    }

    private func start(_ request: BusRequest, _ id: CallLedger<Call>.ID) {
        // Unstructured, because a child task cannot be left behind, and leaving one behind is what this type is for.
        let task = Task(executorPreference: self.executor) {
            let outcome = await self.outcome(of: request)
            self.ledger.withLock { $0.settle(id) }?.waiter?.resume(returning: outcome)
        }
        let isCancelled = self.ledger.withLock { ledger in
            var isCancelled = false
            ledger.update(id) { call in
                call.task = task
                isCancelled = call.isCancelled
            }
            return isCancelled
        }
        if isCancelled { task.cancel() }
    }

    private func cancel(_ id: CallLedger<Call>.ID) {
        let task = self.ledger.withLock { ledger in
            var task: Task<Void, Never>?
            ledger.update(id) { call in
                call.isCancelled = true
                task = call.task
            }
            return task
        }
        task?.cancel()
    }

    private func outcome(of request: BusRequest) async -> Outcome {
        do throws(BusError) {
            let reply = try await self.bus.call(request)
            return reply.fault.map { .failure(.fault($0)) } ?? .success(reply)
        } catch {
            return .failure(.bus(error))
        }
    }
}
