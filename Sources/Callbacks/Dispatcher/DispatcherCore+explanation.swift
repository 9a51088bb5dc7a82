import MessageBus
import WireProtocol

// MARK: What a decision was made of

extension DispatcherCore {
    /// What a call that has ended came to.
    func record(_ step: Step, _ verdict: StepVerdict, at now: MonotonicTime) -> StepRecord {
        StepRecord(
            verdict,
            module: step.module,
            identity: step.identity,
            duration: now.since(step.started)
        )
    }

    /// Keeps a step for the explanation, if one was asked for.
    mutating func trace(_ chain: Int, _ record: StepRecord) {
        guard self.chains[chain].isExplained else { return }
        self.chains[chain].trace.append(record)
    }

    /// A step as explanations show it.
    func json(_ record: StepRecord) -> JSONValue {
        let identity = self.identity(record.identity)
        return [
            "module": .string(self.configuration.modules[Int(record.module)].id),
            "version": .string(identity?.version ?? ""), "incarnation": .string(identity?.incarnation ?? ""),
            "verdict": .string(record.verdict.name),
            "duration_ms": .number(Double(record.microseconds) / 1000),
        ]
    }

    private func identity(_ number: UInt32) -> PeerIdentities.Identity? {
        guard number != 0 else { return nil }
        if let identity = self.identities[number] { return identity }
        return self.peers.places.lazy.map { self.peers[$0] }.first { $0.identity == number }
            .map { .init(version: $0.version, incarnation: $0.incarnation) }
    }
}
