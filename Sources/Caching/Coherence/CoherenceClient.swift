public import MessageBus

/// What one process knows of the invalidations, and whether that is enough to serve from its near cache.
///
/// Two things are needed for a hit. The value's own: no invalidation of its tags is newer than its mark (``InvalidationLedger``). And a proof, younger
/// than Δ, that this process has seen every invalidation: the answer to a question that was sent less than Δ ago, once every invalidation up to the
/// head that it names has been applied. A lost message, a cut connection or a process that was stopped therefore ends hits within
/// Δ by itself; nobody has to notice. Only this process's own clock is used.
///
/// A gap in the numbers is closed by a replay; a replay that is not to be had any more, or a new epoch, by forgetting everything: all
/// that is kept was loaded before and falls below the floor.
public struct CoherenceClient: Sendable {
    /// What the client wants to be asked of the service.
    public enum Question: Hashable, Sendable {
        /// The invalidations from a number on.
        case replay(epoch: UInt64, from: UInt64)
    }

    /// An answer that proves freshness as soon as what it names has been applied.
    private struct Proof {
        var sentAt: MonotonicTime
        var head: SequenceNumber
    }

    private static let proofsMax = 8

    /// The newest invalidation that has been applied, and every one before it.
    public private(set) var applied = SequenceNumber.none
    /// Until when hits are allowed.
    public private(set) var freshUntil = MonotonicTime(nanoseconds: 0)
    public private(set) var statistics = CoherenceStatistics()
    private var ledger: InvalidationLedger
    private var proofs: [Proof] = []
    private var askedUntil: MonotonicTime?
    private let freshness: Duration
    private let patience: Duration
    private let rules: CoherenceRules

    /// - Parameters:
    ///   - staleness: Δ: how long after its acknowledgement an invalidation may not be seen here.
    ///   - tagsMax: The most tags whose invalidations are remembered.
    public init(staleness: Duration, tagsMax: Int = 65_536) {
        self.init(staleness: staleness, tagsMax: tagsMax, rules: .all)
    }

    package init(staleness: Duration, tagsMax: Int, rules: CoherenceRules) {
        // The clocks of two machines may differ in speed by as much as 1 %.
        self.freshness = staleness * 0.98
        self.patience = staleness / 4
        self.ledger = InvalidationLedger(tagsMax: tagsMax)
        self.rules = rules
    }

    // MARK: Serving

    /// Whether the process is known to have seen every invalidation that was acknowledged longer than Δ ago.
    public func isFresh(at now: MonotonicTime) -> Bool {
        now <= self.freshUntil
    }

    /// Whether no invalidation that this process knows of forbids a value.
    public func permits(asof: SequenceNumber, tags: some Sequence<String>) -> Bool {
        guard asof.epoch == self.applied.epoch else { return !self.rules.contains(.floorAfterFlush) }
        guard self.rules.contains(.tagsAtHit) else { return asof.value >= self.ledger.floor }
        return self.ledger.permits(asof: asof.value, tags: tags)
    }

    /// Whether a value of the near cache may be served now.
    public func serves(asof: SequenceNumber, tags: some Sequence<String>, at now: MonotonicTime) -> Bool {
        self.isFresh(at: now) && self.permits(asof: asof, tags: tags)
    }
}

// MARK: - Messages

extension CoherenceClient {
    /// Takes an invalidation that was pushed, or that this process's own call was acknowledged with.
    public mutating func receive(_ number: SequenceNumber, tags: [String], at now: MonotonicTime) -> Question? {
        if number.epoch > self.applied.epoch { self.adopt(number) }
        guard number > self.applied else { return nil }
        guard number.value == self.applied.value + 1 else {
            self.statistics.gaps += 1
            return self.ask(at: now)
        }
        self.apply(tags, number)
        self.settle(at: now)
        return nil
    }

    /// Takes the answer to a ping.
    ///
    /// - Parameters:
    ///   - head: The service's newest invalidation.
    ///   - sentAt: When the ping was sent.
    ///   - now: When the answer came.
    /// - Returns: What to ask next.
    public mutating func receiveHead(
        _ head: SequenceNumber,
        sentAt: MonotonicTime,
        at now: MonotonicTime
    ) -> Question? {
        guard head.epoch >= self.applied.epoch else { return nil }
        if head.epoch > self.applied.epoch { self.adopt(head) }
        self.proofs.append(Proof(sentAt: self.rules.contains(.freshFromRequest) ? sentAt : now, head: head))
        if self.proofs.count > Self.proofsMax { self.proofs.removeFirst() }
        self.settle(at: now)
        return head > self.applied ? self.ask(at: now) : nil
    }

    /// Takes the answer to a replay.
    ///
    /// - Parameters:
    ///   - head: The service's newest invalidation.
    ///   - first: The number of the first invalidation in the list.
    ///   - invalidations: The tags of each; `nil` when they are gone.
    ///   - now: When the answer came.
    /// - Returns: What to ask next.
    public mutating func receiveReplay(
        head: SequenceNumber,
        first: UInt64,
        invalidations: [[String]]?,
        at now: MonotonicTime
    ) -> Question? {
        self.askedUntil = nil
        guard head.epoch >= self.applied.epoch else { return nil }
        guard let invalidations, head.epoch == self.applied.epoch else {
            if head > self.applied { self.adopt(head) }
            self.settle(at: now)
            return nil
        }
        self.statistics.replays += 1
        for (offset, tags) in invalidations.enumerated() {
            let number = SequenceNumber(epoch: head.epoch, value: first + UInt64(offset))
            if number.value == self.applied.value + 1 { self.apply(tags, number) }
        }
        self.settle(at: now)
        return head > self.applied && !invalidations.isEmpty ? self.ask(at: now) : nil
    }

    /// Learns that a question got no answer; the next message asks again.
    public mutating func replayFailed() {
        self.askedUntil = nil
    }

    /// Forgets everything up to a number whose predecessors have not arrived.
    public mutating func skip(to number: SequenceNumber) {
        guard number > self.applied else { return }
        self.adopt(number)
    }

    private mutating func apply(_ tags: [String], _ number: SequenceNumber) {
        self.ledger.apply(tags, number: number.value)
        self.applied = number
        self.statistics.invalidations += 1
    }

    /// Forgets everything up to a number: the near cache is empty from here on.
    private mutating func adopt(_ head: SequenceNumber) {
        self.ledger.reset(floor: self.rules.contains(.floorAfterFlush) ? head.value : 0)
        self.applied = head
        self.proofs.removeAll { $0.head.epoch < head.epoch }
        self.statistics.flushes += 1
    }

    private mutating func ask(at now: MonotonicTime) -> Question? {
        if let until = self.askedUntil, now < until { return nil }
        self.askedUntil = now + self.patience
        return .replay(epoch: self.applied.epoch, from: self.applied.value + 1)
    }

    /// Counts the proofs whose invalidations have all been applied.
    private mutating func settle(at now: MonotonicTime) {
        self.proofs.removeAll { proof in
            guard proof.head <= self.applied || !self.rules.contains(.freshWhenCaughtUp) else { return false }
            self.freshUntil = max(self.freshUntil, proof.sentAt + self.freshness)
            return true
        }
    }
}

/// What a process's cache has met since it started.
public struct CoherenceStatistics: Hashable, Sendable {
    /// Invalidations applied.
    public var invalidations = 0
    /// Invalidations that came before one that is missing.
    public var gaps = 0
    /// Gaps that were closed.
    public var replays = 0
    /// How often everything was forgotten.
    public var flushes = 0
}
