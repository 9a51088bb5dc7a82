import MessageBus
import WireProtocol

@testable import Caching

/// Writers, readers and loads, as the SDK does them.
extension CacheSimulation {
    private func tag(_ key: Int) -> String { "=f/\(key)" }

    /// The key whose value is a part of another's; `nil` for a key that is loaded from the source alone.
    private func part(of key: Int) -> Int? {
        self.settings.hasNestedKeys && key % 2 == 1 ? key - 1 : nil
    }

    mutating func write() {
        let key = Int.random(in: 0..<self.settings.keys, using: &self.random)
        self.time.schedule(after: self.random.exponential(mean: 15), .write)
        // What is computed changes with its part only.
        guard self.part(of: key) == nil else { return }
        self.source[key] += 1
        let body = CacheInvalidation(writer: "w", id: self.nextCall + 1, tags: [self.tag(key)]).encoded()
        self.call(
            from: nil,
            CacheTarget.invalidate,
            body: body,
            for: .invalidate(key: key, version: self.source[key])
        )
    }

    mutating func read(_ process: Int) {
        self.time.schedule(after: self.random.exponential(mean: 3), .read(process: process))
        guard !self.processes[process].isPaused else { return }
        self.readOnce(process)
    }

    mutating func readOnce(_ process: Int) {
        let key = Int.random(in: 0..<self.settings.keys, using: &self.random)
        if let (value, _) = self.nearHit(process, key) {
            self.result.hits += 1
            return self.check(key, value, began: self.time.now)
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

    private mutating func nearHit(_ process: Int, _ key: Int) -> (value: Int, entry: NearEntry<Int>)? {
        let now = self.now
        guard let entry = self.processes[process].near.entry("\(key)"),
            self.processes[process].coherence.serves(asof: entry.asof, tags: entry.tags, at: now)
        else { return nil }
        return (entry.value, entry)
    }

    mutating func answered(_ call: VirtualCall, _ key: Int, _ began: Double, _ envelope: Envelope) {
        guard let process = call.process, let metadata = envelope.metadata,
            let grant = try? CacheGrant(decoding: metadata)
        else { return }
        let asof = SequenceNumber(epoch: envelope.header.epoch, value: grant.asof)
        switch grant.outcome {
        case .hit:
            guard let value = Int(envelope.body.text) else { return }
            self.processes[process].loading.remove(key)
            self.check(key, value, began: began)
            let entry = NearEntry(value: value, asof: asof, tags: grant.tags, expiresAt: nil)
            self.processes[process].near.insert(entry, for: "\(key)")
        case .lease:
            let lease = CacheLease(key: "f@1/\(key)", token: grant.token, asof: asof)
            let load = VirtualLoad(
                process: process,
                key: key,
                lease: lease,
                mark: LoadMark(tags: [self.tag(key)], rules: self.settings.rules),
                began: began,
                value: 0
            )
            self.result.loads += 1
            self.time.schedule(after: self.uniform(15), .readSource(load))
        }
    }

    mutating func readSource(_ load: VirtualLoad) {
        var load = load
        guard !self.processes[load.process].isPaused else {
            return self.processes[load.process].missed.append(.readSource(load))
        }
        if let part = self.part(of: load.key), let (value, entry) = self.nearHit(load.process, part) {
            load.value = value
            load.mark.note(tags: entry.tags, ceiling: self.processes[load.process].coherence.applied)
        } else {
            let part = self.part(of: load.key) ?? load.key
            load.value = self.source[part]
            load.mark.note(tags: [self.tag(part)], ceiling: nil)
        }
        self.time.schedule(after: self.uniform(25), .finishLoad(load))
    }

    mutating func finishLoad(_ load: VirtualLoad) {
        guard !self.processes[load.process].isPaused else {
            return self.processes[load.process].missed.append(.finishLoad(load))
        }
        self.processes[load.process].loading.remove(load.key)
        // A part that was legally out of date when it was read makes the whole so, by as much: not looked at here.
        if self.part(of: load.key) == nil { self.check(load.key, load.value, began: load.began) }
        let asof = load.mark.lowered(load.lease.asof)
        let tags = load.mark.tags.sorted()
        guard asof.epoch == load.lease.asof.epoch else { return }
        let entry = NearEntry(value: load.value, asof: asof, tags: tags, expiresAt: nil)
        if self.settings.rules.contains(.markBeforeLoad) {
            self.processes[load.process].near.insert(entry, for: "\(load.key)")
        }
        let fill = CacheFill(
            key: load.lease.key,
            token: load.lease.token,
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
    mutating func check(_ key: Int, _ value: Int, began: Double) {
        self.result.reads += 1
        let key = self.part(of: key) ?? key
        for write in self.acknowledged[key].reversed() {
            if write.at < began, write.version > value { self.result.worst = max(self.result.worst, began - write.at) }
            if write.at < began - Self.staleness, write.version > value {
                self.result.violations += 1
                return
            }
            if write.at < began - 5000 { return }
        }
    }
}
