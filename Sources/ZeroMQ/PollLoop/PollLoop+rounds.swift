internal import Glibc
internal import Synchronization

// MARK: The thread's rounds

extension PollLoop {
    func run() {
        var wait = PollWait(wakeUp: self.wakeUp)
        var patience = Patience()
        var crowding = Crowding()
        while true {
            let isBusy = self.takeTurns()
            let hasRun = self.runWork()
            let isIdle = !isBusy && !hasRun
            if !isIdle { patience.worked() }
            let mayNap = isIdle && self.prepareToWait(&wait)
            if mayNap && self.giveWay(&patience, &crowding, &wait) { continue }
            switch self.inbox.withLock({ $0.look(into: &self.role.batch, mayNap: mayNap) }) {
            case .carryOn: break
            case .sleep:
                let begin = ContinuousClock.now
                guard self.sleep(&wait) else { return }
                patience.slept(for: .now - begin)
            case .stop: return
            }
        }
    }

    /// Lets other threads run, as long as there is nothing to do and patience lasts; says whether the loop should look around
    /// before it sleeps.
    ///
    /// A look at all sockets at once costs less than the round that would ask each of them.
    private func giveWay(_ patience: inout Patience, _ crowding: inout Crowding, _ wait: inout PollWait) -> Bool {
        var before = ContinuousClock.now
        if crowding.relax(at: before) { ThreadScheduling.kind.applyToMessageThreads() }
        var hasGivenWay = false
        while !crowding.isCrowded, patience.givesWay() {
            hasGivenWay = true
            // What other threads sent must not wait for patience to run out.
            switch self.inbox.withLock({ $0.look(into: &self.role.batch, mayNap: false) }) {
            case .carryOn where self.role.batch.isEmpty: break
            default: return true
            }
            sched_yield()
            let after = ContinuousClock.now
            if crowding.gaveWay(for: after - before, at: after) { ThreadScheduling.ordinary.applyToMessageThreads() }
            before = after
            if wait.isOver() { return true }
        }
        return hasGivenWay
    }

    private func takeTurns() -> Bool {
        self.role.residentsChanged = false
        var isBusy = false
        var index = 0
        while index < self.role.residents.count {
            if self.role.residents[index].turn() { isBusy = true }
            index += 1
        }
        return isBusy || self.role.residentsChanged
    }

    /// Runs some of the work, and says whether there was any.
    func runWork() -> Bool {
        var localShare = RoundShare()
        while let work = self.role.local.popFirst() {
            self.run(work)
            guard localShare.use() else { break }
        }
        var batchShare = RoundShare()
        while let work = self.role.batch.popFirst() {
            self.run(work)
            guard batchShare.use() else { break }
        }
        return localShare.count + batchShare.count > 0
    }

    /// Collects what the residents wait for, and says whether there is still nothing to do.
    private func prepareToWait(_ wait: inout PollWait) -> Bool {
        wait.reset()
        var index = 0
        while index < self.role.residents.count {
            self.role.residents[index].prepareToWait(&wait)
            index += 1
        }
        return self.role.local.isEmpty && !self.role.residentsChanged
    }

    /// Sleeps until something happens; `false` when the loop cannot go on.
    private func sleep(_ wait: inout PollWait) -> Bool {
        defer { self.inbox.withLock { $0.wokeUp() } }
        do {
            if try wait.sleep() { self.wakeUp.clear() }
            return true
        } catch {
            self.lastFailure.withLock { $0 = error }
            return false
        }
    }
}
