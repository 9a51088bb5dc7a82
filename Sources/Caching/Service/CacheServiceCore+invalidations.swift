internal import MessageBus
internal import WireProtocol

extension CacheServiceCore {
    /// Numbers an invalidation, tells every peer, and acknowledges it.
    mutating func invalidate(
        _ invalidation: CacheInvalidation,
        from caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let number: UInt64
        if let known = self.writes.number(writer: invalidation.writer, id: invalidation.id) {
            number = known
        } else {
            number = self.append(invalidation.tags)
            self.writes.note(writer: invalidation.writer, id: invalidation.id, number: number)
            self.publish(invalidation.tags, number, at: now, into: &actions)
        }
        self.answer(caller, body: CacheInvalidated(number: number).encoded(), at: now, into: &actions)
    }

    private mutating func append(_ tags: [String]) -> UInt64 {
        self.head += 1
        self.statistics.invalidations += 1
        self.ledger.apply(tags, number: self.head)
        self.ring.append(tags)
        if self.ring.count > self.limits.replayMax { _ = self.ring.popFirst() }
        return self.head
    }

    private mutating func publish(
        _ tags: [String],
        _ number: UInt64,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let body = InvalidationMessage(tags: tags).encoded()
        let header = Header(kind: .invalidate, callID: number, epoch: self.epoch)
        for (peer, state) in self.peers where state.isReady {
            self.send(header, body: body, to: peer, at: now, into: &actions)
        }
    }

    /// Says again what a peer has missed.
    mutating func replay(
        _ replay: CacheReplay,
        for caller: CacheCaller,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        self.statistics.replays += 1
        self.answer(caller, body: self.missed(replay).encoded(), at: now, into: &actions)
    }

    private func missed(_ replay: CacheReplay) -> CacheReplayed {
        let first = self.head - UInt64(self.ring.count) + 1
        guard replay.epoch == self.epoch, replay.from >= first, replay.from <= self.head + 1 else {
            return CacheReplayed(head: self.head, isTrimmed: true)
        }
        var bytes = 0
        let list = self.ring.inOrder.dropFirst(Int(replay.from - first)).prefix(CacheLimits.replayCount).prefix {
            tags in
            bytes += tags.reduce(32) { $0 + $1.utf8.count + 3 }
            return bytes < WireLimits.controlBodySize / 2
        }
        return CacheReplayed(head: self.head, invalidations: Array(list))
    }
}
