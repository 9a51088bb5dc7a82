import Caching
import MessageBus
import SeededRandom
import WireProtocol

/// Writers, readers and loads, as the SDK does them.
extension CacheWorld {
    private func tag(_ key: Int) -> String { "=f/\(key)" }

    /// The key whose value is a part of another's; `nil` for a key that is loaded from the source alone.
    private func part(of key: Int) -> Int? {
        self.settings.hasNestedKeys && key % 2 == 1 ? key - 1 : nil
    }

    func write() {
        let key = Int.random(in: 0..<self.settings.keys, using: &self.random)
        self.time.schedule(after: self.random.exponential(mean: 15), .write)
        // What is computed changes with its part only.
        guard self.part(of: key) == nil else { return }
        self.source[key] += 1
        self.note("key \(key) is written, version \(self.source[key])")
        let body = CacheInvalidation(writer: "w", id: self.nextCall + 1, tags: [self.tag(key)]).encoded()
        self.call(
            from: nil,
            CacheTarget.invalidate,
            body: body,
            for: .invalidate(key: key, version: self.source[key])
        )
    }

    func read(_ process: Int) {
        self.time.schedule(after: self.random.exponential(mean: 3), .read(process: process))
        guard !self.processes[process].isPaused else { return }
        self.readOnce(process)
    }

    func readOnce(_ process: Int) {
        let key = Int.random(in: 0..<self.settings.keys, using: &self.random)
        if let (value, _) = self.nearHit(process, key) {
            self.report.hits += 1
            return self.check(process, key, value, began: self.time.now)
        }
        // Without proof of freshness a process loads without the cache, and there is nothing to check.
        guard !self.processes[process].isCutOff, self.processes[process].coherence.isFresh(at: self.now),
            self.processes[process].loading.insert(key).inserted
        else { return }
        let get = CacheGet(key: "f@1/\(key)", tags: [self.tag(key)])
        self.call(
            from: process,
            CacheTarget.get,
            body: get.encoded(),
            for: .get(key: key, began: self.time.now)
        )
    }

    private func nearHit(_ process: Int, _ key: Int) -> (value: Int, entry: NearEntry<Int>)? {
        let now = self.now
        guard let entry = self.processes[process].near.entry("\(key)"),
            self.processes[process].coherence.serves(asof: entry.asof, tags: entry.tags, at: now)
        else { return nil }
        return (entry.value, entry)
    }

    func answered(_ call: VirtualCall, _ key: Int, _ began: Double, _ envelope: Envelope) {
        guard let process = call.process, let metadata = envelope.metadata,
            let grant = try? CacheGrant(decoding: metadata)
        else { return }
        let asof = SequenceNumber(epoch: envelope.header.epoch, value: grant.asof)
        switch grant.outcome {
        case .hit:
            guard let value = Int(envelope.body.text) else { return }
            self.processes[process].loading.remove(key)
            self.check(process, key, value, began: began)
            self.note("process \(process) gets version \(value) of key \(key) as of \(asof)")
            let entry = NearEntry(value: value, asof: asof, tags: grant.tags, expiresAt: nil)
            self.processes[process].near.insert(entry, for: "\(key)")
        case .lease:
            self.note("process \(process) loads key \(key) as of \(asof)")
            let load = VirtualLoad(
                process: process,
                key: key,
                token: grant.token,
                asof: asof,
                mark: LoadMark(tags: [self.tag(key)], rules: self.settings.rules),
                began: began,
                value: 0
            )
            self.report.loads += 1
            self.time.schedule(after: self.uniform(15), .readSource(load))
        }
    }

    func readSource(_ load: VirtualLoad) {
        var load = load
        guard !self.processes[load.process].isPaused else {
            return self.processes[load.process].missed.append(.readSource(load))
        }
        if let part = self.part(of: load.key), let (value, entry) = self.nearHit(load.process, part) {
            load.value = value
            self.note(
                "process \(load.process) makes key \(load.key) of key \(part), version \(value) as of \(entry.asof)"
            )
            load.mark.note(tags: entry.tags, ceiling: self.processes[load.process].coherence.applied)
        } else {
            let part = self.part(of: load.key) ?? load.key
            load.value = self.source[part]
            self.note("process \(load.process) reads the source of key \(load.key), version \(load.value)")
            load.mark.note(tags: [self.tag(part)], ceiling: nil)
        }
        self.time.schedule(after: self.uniform(25), .finishLoad(load))
    }

    func finishLoad(_ load: VirtualLoad) {
        guard !self.processes[load.process].isPaused else {
            return self.processes[load.process].missed.append(.finishLoad(load))
        }
        self.processes[load.process].loading.remove(load.key)
        // A part that was legally out of date when it was read makes the whole so, by as much: not looked at here.
        if self.part(of: load.key) == nil { self.check(load.process, load.key, load.value, began: load.began) }
        let asof = load.mark.lowered(load.asof)
        let tags = load.mark.tags.sorted()
        self.note("process \(load.process) has version \(load.value) of key \(load.key) as of \(asof)")
        guard asof.epoch == load.asof.epoch else { return }
        let entry = NearEntry(value: load.value, asof: asof, tags: tags, expiresAt: nil)
        if self.settings.rules.contains(.markBeforeLoad) {
            self.processes[load.process].near.insert(entry, for: "\(load.key)")
        }
        let fill = CacheFill(
            key: "f@1/\(load.key)",
            token: load.token,
            epoch: asof.epoch,
            asof: asof.value,
            tags: tags
        )
        self.call(
            from: load.process,
            CacheTarget.fill,
            metadata: fill.encoded(),
            body: Payload("\(load.value)"),
            for: .fill(key: load.key)
        )
    }

    /// C1: what a read that began at a time returns has every write that was acknowledged Δ before.
    func check(_ process: Int, _ key: Int, _ value: Int, began: Double) {
        self.report.reads += 1
        self.digest(UInt64(process) << 32 | UInt64(value))
        let source = self.part(of: key) ?? key
        for write in self.acknowledged[source].reversed() {
            if write.at < began, write.version > value { self.report.worst = max(self.report.worst, began - write.at) }
            if write.at < began - Self.staleness, write.version > value {
                self.report.violation = CacheViolation(
                    process: process,
                    key: key,
                    version: value,
                    acknowledged: write.version,
                    milliseconds: began - write.at
                )
                return
            }
            if write.at < began - 5000 { return }
        }
    }
}
