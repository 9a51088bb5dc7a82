internal import MessageBus
internal import Synchronization
internal import WireProtocol

/// The calls that a module has not answered, each of which ends once: with its reply, its budget, its caller or the connection.
///
/// Whoever waits is not kept by a handler that does not listen: as on a real bus, its late reply is dropped and counted.
final class CallsInFlight: Sendable {
    typealias Outcome = Result<BusReply, BusFault>

    private struct Call {
        let waiter: CheckedContinuation<Outcome, Never>
        /// The handler and the clock.
        var tasks: [Task<Void, Never>] = []
    }

    private struct State {
        var calls: [UInt64: Call] = [:]
        var lastID: UInt64 = 0
        /// Calls that ended before they were waited for.
        var early: [UInt64: BusFault] = [:]
        var lateCount = 0
    }

    private let state = Mutex(State())

    /// How many replies came when nobody waited for them any more.
    var lateCount: Int { self.state.withLock(\.lateCount) }
    var count: Int { self.state.withLock(\.calls.count) }

    /// Waits for the end of a call.
    ///
    /// - Parameters:
    ///   - budget: Returns when its budget has ended.
    ///   - handle: Makes the reply, and is cancelled when nobody waits for it any more.
    /// - Returns: What came first.
    func run(
        budget: @escaping @Sendable () async throws -> BusFault,
        handle: @escaping @Sendable () async -> Outcome
    ) async -> Outcome {
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        // A caller may cancel when its call has just ended: nobody asks for that any more.
        defer { self.state.withLock { $0.early[id] = nil } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                guard self.begin(id, waiter) else { return }
                // Not children of this task: it must not wait for a handler that does not end. They are cancelled with the call.
                let handler = Task { self.end(id, await handle(), isReply: true) }
                let clock = Task {
                    guard let fault = try? await budget() else { return }
                    self.end(id, .failure(fault))
                }
                self.attach([handler, clock], to: id)
            }
        } onCancel: {
            self.cancel(id)
        }
    }

    /// Ends every call, for the connection is gone.
    func loseAll(_ fault: BusFault) {
        let ids = self.state.withLock { Array($0.calls.keys) }
        for id in ids { self.end(id, .failure(fault)) }
    }

    private func begin(_ id: UInt64, _ waiter: CheckedContinuation<Outcome, Never>) -> Bool {
        let early = self.state.withLock { state -> BusFault? in
            if let fault = state.early.removeValue(forKey: id) { return fault }
            state.calls[id] = Call(waiter: waiter)
            return nil
        }
        guard let early else { return true }
        waiter.resume(returning: .failure(early))
        return false
    }

    /// Lets the end of a call end its tasks; at once, if it has ended already.
    private func attach(_ tasks: [Task<Void, Never>], to id: UInt64) {
        let isOver = self.state.withLock { state in
            guard state.calls[id] != nil else { return true }
            state.calls[id]?.tasks = tasks
            return false
        }
        guard isOver else { return }
        for task in tasks { task.cancel() }
    }

    private func cancel(_ id: UInt64) {
        let fault = BusFault(.cancelled, "the caller cancelled")
        let hasBegun = self.state.withLock { state in
            guard state.calls[id] == nil else { return true }
            state.early[id] = fault
            return false
        }
        if hasBegun { self.end(id, .failure(fault)) }
    }

    private func end(_ id: UInt64, _ outcome: Outcome, isReply: Bool = false) {
        let call = self.state.withLock { state in
            let call = state.calls.removeValue(forKey: id)
            if call == nil, isReply { state.lateCount += 1 }
            return call
        }
        guard let call else { return }
        for task in call.tasks { task.cancel() }
        call.waiter.resume(returning: outcome)
    }
}
