/// Asks a controller and never depends on it: silence, errors and senseless values become the defaults, and are counted.
struct GuardedController: Sendable {
    let controller: any UpdateController
    let defaults: ControllerDefaults
    let clock: any WorkerClock
    let counters: WorkerCounters

    /// Asks whether and for how long a batch may be worked.
    func enter(_ identity: UpdateIdentity, isOneShot: Bool) async -> EntryAnswer {
        let answer = await self.heard { try await $0.enter(identity, isOneShot: isOneShot) }
        var judge = ControllerJudge(self.defaults)
        defer { self.counters.add(\.controllerBadValues, judge.badValues) }
        return judge.entry(answer ?? nil)
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
        var judge = ControllerJudge(self.defaults)
        defer { self.counters.add(\.controllerBadValues, judge.badValues) }
        return judge.sizes(first: first, minimum: minimum)
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
