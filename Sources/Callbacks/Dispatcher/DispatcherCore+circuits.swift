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
        self.logCircuit(.warning, "circuit opened: the module fails too often", step, kind, into: &actions)
    }

    /// Notes a success, where there has been a failure.
    mutating func noteSuccess(_ step: Step, into actions: inout [RouterAction]) {
        let counter = self.counter(step.module, step.column)
        guard self.circuits.succeeded(counter) else { return }
        self.logCircuit(.notice, "circuit closed: the module answers again", step, nil, into: &actions)
    }

    private func logCircuit(
        _ level: Logger.Level,
        _ message: Logger.Message,
        _ step: Step,
        _ kind: FailureKind?,
        into actions: inout [RouterAction]
    ) {
        var metadata: Logger.Metadata = [
            "module.id": "\(self.configuration.modules[step.module].id)",
            "callback": "\(self.plans[step.column].declaration.path)",
        ]
        metadata["failure"] = kind.map { "\($0.rawValue)" }
        actions.append(.log(level, message, metadata))
    }
}
