import Logging
import MessageBus

// MARK: Circuits

extension DispatcherCore {
    /// The failure that an open circuit repeats in place of a call, of one that is known; nil when the call may be made.
    mutating func refusal(byCircuitOf module: Int, _ column: Int, at now: MonotonicTime) -> FailureKind? {
        let counter = self.counter(module, column)
        guard let kind = self.circuits.refusal(counter, at: now) else { return nil }
        self.callCounters[counter].shortCircuits += 1
        return kind
    }

    /// The failure that a circuit repeats in place of a call that has waited since before it opened; nil when the call may be made.
    mutating func refusal(byCircuitOf step: Step) -> FailureKind? {
        let counter = self.counter(step.module, step.column)
        guard self.circuits.isKnown(counter), let kind = self.circuits.refusal(counter, since: step.started) else {
            return nil
        }
        self.callCounters[counter].shortCircuits += 1
        return kind
    }

    /// Notes a failure of a module that was asked; its absence and its being full are none, for they have ends of their own.
    mutating func noteFailure(
        _ step: Step,
        _ kind: FailureKind,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard step.peer >= 0, kind == .timeout || kind == .error || kind == .invalidResult else { return }
        guard step.started >= self.modules[step.module].judgedSince else { return }
        let counter = self.counter(step.module, step.column)
        let counters = self.callCounters[counter]
        let weight =
            switch self.failures[step.module, step.column][kind] {
            case .continue: 0
            case .stopWith: 1
            case .fail: 2
            }
        let successes = counters.answers + counters.continues
        let hasOpened = self.circuits.failed(
            counter,
            kind,
            weight: weight,
            successes: successes,
            since: step.started,
            at: now
        )
        guard hasOpened else { return }
        self.logCircuit(
            .warning,
            "circuit opened: the module fails too often",
            step.module,
            step.column,
            because: kind,
            into: &actions
        )
    }

    /// Notes a success, where there has been a failure.
    mutating func noteSuccess(_ step: Step, into actions: inout [RouterAction]) {
        let counter = self.counter(step.module, step.column)
        guard self.circuits.succeeded(counter) else { return }
        self.logCircuit(.notice, "circuit closed: the module answers again", step.module, step.column, into: &actions)
    }

    /// Closes the circuits of a module of which a process takes calls that has not done so before.
    ///
    /// A connection that was lost and is there again is the same process, and its circuits stay as they are.
    mutating func closeCircuits(
        of module: Int,
        for place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let incarnation = self.peers[place].incarnation
        guard !self.modules[module].judged.contains(incarnation) else { return }
        let present = Set(self.modules[module].replicas.map { self.peers[$0].incarnation })
        self.modules[module].judged.removeAll { !present.contains($0) }
        self.modules[module].judged.append(incarnation)
        self.modules[module].judgedSince = now
        for callback in self.plans.indices where self.circuits.reset(self.counter(module, callback)) {
            self.logCircuit(.notice, "circuit closed: a new process takes calls", module, callback, into: &actions)
        }
    }

    private func logCircuit(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ module: Int,
        _ callback: Int,
        because kind: FailureKind? = nil,
        into actions: inout [RouterAction]
    ) {
        var metadata: Logger.Metadata = [
            "module.id": "\(self.configuration.modules[module].id)",
            "callback": "\(self.plans[callback].declaration.path)",
        ]
        metadata["failure"] = kind.map { "\($0.rawValue)" }
        actions.append(.log(level, message, metadata))
    }
}
