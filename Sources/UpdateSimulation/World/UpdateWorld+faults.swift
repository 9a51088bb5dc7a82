import BackgroundUpdates
import MessageBus
import SeededRandom
import Simulation

// MARK: What goes wrong

extension UpdateWorld {
    func fault() {
        guard !self.isCalm, let pause = self.settings.faultPause else { return }
        self.schedule(after: self.uniform(0...(2 * pause)), .fault)
        let worker = Int.random(in: self.workers.indices, using: &self.random)
        switch Int.random(in: 0..<10, using: &self.random) {
        case 0...2: self.kill(worker)
        case 3...4: self.pause(worker)
        case 5: self.stop(worker)
        case 6:
            guard self.locker == nil else { return }
            self.note("--- somebody else locks the database ---")
            self.locker = .other
            self.schedule(after: self.uniform(5...2500), .unlock)
        case 7:
            self.isReadable = false
            self.note("--- the database cannot be opened ---")
            self.schedule(after: self.uniform(50...8000), .repair)
        case 8:
            self.isModuleUp = false
            self.note("--- the module is gone ---")
            self.schedule(after: self.uniform(50...20_000), .repair)
        default:
            guard self.settings.hasClockTrouble else { return self.kill(worker) }
            let host = self.workers[worker].host
            self.skews[host] += Int64.random(in: -40_000...40_000, using: &self.random)
            self.note("--- the clock of host\(host) jumps ---")
        }
    }

    private func kill(_ worker: Int) {
        guard self.workers[worker].isAlive else { return }
        self.note("--- \(self.workers[worker].owner) is killed ---")
        self.workers[worker].isAlive = false
        // What was not committed never was.
        if case .worker(worker, _) = self.locker { self.locker = nil }
        self.ledger.ended(worker, isGraceful: false, self)
        let others = self.workers.count { !$0.isLost && $0.number != worker }
        self.workers[worker].isLost = others > 0 && self.random.percent(15)
        guard !self.workers[worker].isLost else { return self.note("--- and its machine does not come back ---") }
        self.schedule(after: self.random.pick([10, 500, 20_000]), .start(worker: worker))
    }

    private func pause(_ worker: Int) {
        guard self.workers[worker].isAlive, !self.workers[worker].isPaused else { return }
        self.note("--- \(self.workers[worker].owner) is stopped by a signal ---")
        self.workers[worker].isPaused = true
        let process = self.workers[worker].process
        self.schedule(after: self.random.pick([100, 3000, 30_000]), .resume(worker: worker, process: process))
    }

    func resume(_ worker: Int) {
        guard self.workers[worker].isPaused else { return }
        self.note("--- \(self.workers[worker].owner) goes on ---")
        self.workers[worker].isPaused = false
        let missed = self.workers[worker].missed
        self.workers[worker].missed = []
        for event in missed { self.schedule(after: 0, event) }
    }

    private func stop(_ worker: Int) {
        guard self.workers[worker].isAlive, !self.workers[worker].isPaused else { return }
        self.workers[worker].isStopping = true
        self.wake(worker)
    }

    /// Ends a sleep, as the alarm of a worker does.
    func wake(_ worker: Int) {
        guard self.workers[worker].isAlive, case .sleep = self.workers[worker].action else { return }
        let process = self.workers[worker].process
        self.schedule(after: 0.1, .wake(worker: worker, process: process, sleep: self.workers[worker].sleep))
    }

    // MARK: Others

    /// Somebody changes rows.
    func write() {
        guard !self.isCalm, let pause = self.settings.writePause else { return }
        self.schedule(after: self.uniform(0...(2 * pause)), .write)
        guard self.locker == nil else { return }
        let count = self.store.rows.count
        switch Int.random(in: 0..<6, using: &self.random) {
        case 0 where count < 600:
            self.store.rows.append(self.row((self.store.rows.last?.key ?? 0) + 3))
        case 1 where count > 1:
            // Between two others, perhaps in front of a cursor and perhaps behind it.
            let place = Int.random(in: 1..<count, using: &self.random)
            let key = self.store.rows[place - 1].key + 1
            guard key < self.store.rows[place].key else { return }
            self.store.rows.insert(self.row(key), at: place)
        case 2 where count > 0:
            self.store.rows.remove(at: Int.random(in: 0..<count, using: &self.random))
        case _ where count > 0:
            let place = Int.random(in: 0..<count, using: &self.random)
            self.store.rows[place].value += 1
        default: break
        }
    }

    func operate() {
        guard !self.isCalm, let pause = self.settings.operatorPause else { return }
        self.schedule(after: self.uniform(0...(2 * pause)), .operate)
        guard self.locker == nil, self.isReadable else { return }
        let place = Int.random(in: self.settings.updates.indices, using: &self.random)
        let update = self.settings.updates[place]
        switch Int.random(in: 0..<8, using: &self.random) {
        case 0: self.setEnabled(false)
        case 1, 2: self.setEnabled(true)
        case 3: self.set(.paused, update.name)
        case 4, 5: self.set(.active, update.name)
        default: self.enqueue(place)
        }
        self.wake(Int.random(in: self.workers.indices, using: &self.random))
    }

    private func setEnabled(_ isEnabled: Bool) {
        self.note("--- an operator \(isEnabled ? "enables" : "disables") updates ---")
        self.store.control.isEnabled = isEnabled
    }

    private func set(_ standing: UpdateState.Standing, _ update: String) {
        guard var record = try? self.store.record(update) else { return }
        self.note("--- an operator makes \(update) \(standing) ---")
        record.set(standing, at: self.wallTime())
        self.store.save(record)
    }

    private func enqueue(_ place: Int) {
        let update = self.settings.updates[place]
        guard !self.store.pending.contains(where: { $0.name == update.name }) else { return }
        self.note("--- an operator starts \(update.name) ---")
        self.store.enqueue(update)
        for row in self.store.rows.indices {
            self.store.rows[row].done[place] = 0
            self.store.rows[row].skippedBy.remove(place)
        }
        self.store.indexes[place] = 0
        self.ledger.queued(update.name)
    }

    // MARK: The end

    /// Everything that is broken is mended, and the operator lets everything run.
    func calm() {
        if !self.isCalm { self.mend() }
        // Whoever has the lock has a copy that takes the place of what is changed now.
        guard self.locker == nil else { return self.schedule(after: 20, .calm) }
        self.setEnabled(true)
        for pending in self.store.pending { self.set(.active, pending.name) }
        for worker in self.workers.indices { self.wake(worker) }
        self.ledger.batchesBefore = self.ledger.batches
        self.schedule(after: 300_000, .end)
    }

    private func mend() {
        self.note("--- all becomes calm ---")
        self.isCalm = true
        self.isReadable = true
        self.isModuleUp = true
        if self.locker == .other { self.locker = nil }
        for worker in self.workers.indices {
            self.resume(worker)
            if !self.workers[worker].isAlive, !self.workers[worker].isLost {
                self.schedule(after: 10, .start(worker: worker))
            }
        }
    }

    /// Looks now and then whether all is done that can be.
    func end() {
        guard !self.ledger.checkQuiet(self) else {
            self.hasEnded = true
            return
        }
        self.schedule(after: 300_000, .end)
    }
}
