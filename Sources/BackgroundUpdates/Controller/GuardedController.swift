/// Asks a controller and never depends on it: silence, errors and senseless values become the defaults, and are counted.
struct GuardedController: Sendable {
    /// What a controller may ask for; beyond it an answer is taken for a mistake.
    static let durationRange = 1.0...3_600_000.0
    static let sleepRange = 0.0...86_400_000.0
    /// How long a wait lasts before the controller is asked again, whatever it said: nothing is told to a worker that sleeps.
    static let waitMax = Duration.seconds(60)

    let controller: any UpdateController
    let defaults: ControllerDefaults
    let clock: any WorkerClock
    let counters: WorkerCounters

    /// Asks whether and for how long a batch may be worked.
    func enter(_ identity: UpdateIdentity, isOneShot: Bool) async -> EntryAnswer {
        let answer = await self.heard { try await $0.enter(identity, isOneShot: isOneShot) }
        guard let answer = answer ?? nil else { return .run(self.defaultPermit) }
        let sleep = self.duration(answer.sleepMilliseconds ?? 0, in: Self.sleepRange) ?? self.defaults.sleep
        let scope = UpdatePermit.Scope(id: answer.scope)
        switch answer.verdict {
        case .run(let milliseconds):
            let target = self.duration(milliseconds, in: Self.durationRange)
            return .run(UpdatePermit(target: target ?? self.defaults.target, sleep: sleep, scope: scope))
        case .wait(let milliseconds, let reason):
            guard let wait = self.duration(milliseconds, in: Self.durationRange) else {
                return .run(UpdatePermit(target: self.defaults.target, sleep: self.defaults.sleep, scope: scope))
            }
            return .wait(min(wait, Self.waitMax), reason: reason, scope)
        }
    }

    private var defaultPermit: UpdatePermit {
        UpdatePermit(target: self.defaults.target, sleep: self.defaults.sleep, scope: nil)
    }

    /// Says that the batch has ended.
    ///
    /// A controller that is gone by then has lost nothing but the news.
    func exit(_ identity: UpdateIdentity, scope: UpdatePermit.Scope?, outcome: BatchOutcome) async {
        guard let scope else { return }
        _ = await self.heard { try await $0.exit(identity, scope: scope.id, outcome: outcome) }
    }

    /// Asks how large a batch may be.
    ///
    /// - Parameters:
    ///   - identity: The update.
    ///   - isFirst: Whether no batch of it has been worked yet.
    /// - Returns: Sizes that make sense.
    func sizes(_ identity: UpdateIdentity, isFirst: Bool) async -> SizeAdvice {
        let minimum = await self.heard { try await $0.minimumBatchSize(identity) } ?? nil
        let first = isFirst ? await self.heard { try await $0.defaultBatchSize(identity) } ?? nil : nil
        return SizeAdvice(
            first: self.size(first) ?? self.defaults.firstSize,
            minimum: self.size(minimum) ?? self.defaults.minimumSize
        )
    }

    // MARK: Doubt

    private func duration(_ milliseconds: Double, in range: ClosedRange<Double>) -> Duration? {
        guard range.contains(milliseconds) else {
            self.counters.add(\.controllerBadValues)
            return nil
        }
        return .milliseconds(Int64(milliseconds))
    }

    private func size(_ number: Int64?) -> Int? {
        guard let number else { return nil }
        guard number >= 1 else {
            self.counters.add(\.controllerBadValues)
            return nil
        }
        return Int(min(number, Int64(BatchSizer.sizeMax)))
    }

    /// Nil when the controller was silent for too long, or answered an error.
    private func heard<Answer: Sendable>(
        _ ask: @escaping @Sendable (any UpdateController) async throws -> Answer
    ) async -> Answer? {
        let answer = await withTaskGroup(of: Answer?.self) { group in
            group.addTask { try? await ask(self.controller) }
            group.addTask {
                try? await self.clock.sleep(for: self.defaults.silenceMax)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
        if answer == nil { self.counters.add(\.controllerFailures) }
        return answer
    }
}
