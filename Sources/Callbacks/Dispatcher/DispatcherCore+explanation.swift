import MessageBus
import WireProtocol

// MARK: What a decision was made of

extension DispatcherCore {
    /// What a call that has ended came to.
    func record(_ step: Step, _ verdict: StepVerdict, at now: MonotonicTime) -> StepRecord {
        let microseconds = Self.microseconds(from: step.started, to: now)
        return StepRecord(verdict, module: step.module, identity: step.identity, microseconds: microseconds)
    }

    /// Keeps a step for explanations.
    mutating func trace(_ chain: Int, _ record: StepRecord) {
        if self.chains[chain].isExplained { self.chains[chain].trace.append(record) }
        guard !self.decisions.isOff else { return }
        self.decisions.add(record, ofChain: self.chains[chain].number, to: &self.chains[chain].trail)
    }

    /// Keeps how a chain ended.
    mutating func keepDecision(
        _ chain: Int,
        _ callback: Int,
        _ outcome: Outcome,
        by module: Int?,
        at now: MonotonicTime
    ) {
        guard !self.decisions.isOff else { return }
        self.decisions.add(
            DecisionLog.Decision(
                number: self.chains[chain].number,
                epoch: self.chains[chain].epoch,
                ended: now,
                microseconds: Self.microseconds(from: self.chains[chain].admitted, to: now),
                callback: Int32(truncatingIfNeeded: callback),
                module: Int32(truncatingIfNeeded: module ?? -1),
                outcome: outcome,
                trail: self.chains[chain].trail
            )
        )
    }

    /// Division of whole numbers: that of durations takes longer than all else here.
    private static func microseconds(from start: MonotonicTime, to end: MonotonicTime) -> UInt32 {
        guard end > start else { return 0 }
        return UInt32(clamping: (end.nanoseconds - start.nanoseconds) / 1000)
    }
}

// MARK: Whoever asks

extension DispatcherCore {
    /// How many decisions a list has.
    private static let listedMax = 100

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

    /// The newest decisions, without their steps.
    func decisionsJSON(at now: MonotonicTime) -> JSONValue {
        let newest = self.decisions.newest(Self.listedMax).map { JSONValue.object(self.summary($0, at: now)) }
        return ["kept": .integer(Int64(self.decisions.count)), "decisions": .array(newest)]
    }

    /// One decision with its steps; nil when it is not kept.
    func decisionJSON(_ id: Substring, at now: MonotonicTime) -> JSONValue? {
        guard let number = ScopeMetadata.number(String(id), dispatcher: self.configuration.incarnation),
            let decision = self.decisions[number]
        else {
            return nil
        }
        let steps = self.decisions.steps(of: decision)
        var members = self.summary(decision, at: now)
        members["steps"] = .array(steps.map(self.json))
        members["steps_forgotten"] = .integer(Int64(decision.trail.count) - Int64(steps.count))
        return .object(members)
    }

    /// Why a request cannot be explained.
    func faultOfExplanation(_ id: Substring) -> BusFault {
        guard !self.decisions.isOff else {
            return BusFault(.notFound, "no decisions are kept: `callbacks.explained_calls` is 0")
        }
        let reason =
            "it is not among the \(self.decisions.count) newest calls of callbacks that this dispatcher has answered"
        return BusFault(.notFound, "request \(id.prefix(64)) cannot be explained: \(reason)")
    }

    private func summary(_ decision: DecisionLog.Decision, at now: MonotonicTime) -> JSONObject {
        let declaration = self.plans[Int(decision.callback)].declaration
        let module = decision.module < 0 ? nil : self.configuration.modules[Int(decision.module)].id
        return [
            "request_id": .string(ScopeMetadata.id(decision.number, dispatcher: self.configuration.incarnation)),
            "callback": .string(declaration.path), "outcome": .string(decision.outcome.rawValue),
            "decided_by": module.map(JSONValue.string) ?? .null,
            "epoch": .integer(Int64(clamping: decision.epoch)),
            "age_ms": .integer(Int64(now.millisecondsSince(decision.ended))),
            "duration_ms": .number(Double(decision.microseconds) / 1000),
        ]
    }
}
