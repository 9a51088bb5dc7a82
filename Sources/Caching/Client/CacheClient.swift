internal import Logging
public import MessageBus
public import ServiceLifecycle
internal import Synchronization
public import WireProtocol

/// One process's side of the cache: it asks for values, brings them, invalidates, and keeps the proof that its near caches are fresh.
///
/// Nothing here fails because of the cache but ``invalidate(_:)``, whose caller has to know.
public final class CacheClient: BusConnectionDelegate, Service {
    private enum Errand: Sendable {
        case ping
        case replay(epoch: UInt64, from: UInt64)
    }

    public let configuration: CacheClientConfiguration
    /// Where loads run; `nil` for Swift's own pool.
    public let executor: (any TaskExecutor)?
    private let coherence: Mutex<CoherenceClient>
    private let caller = Mutex<(any BusCaller)?>(nil)
    private let writer = String(UInt64.random(in: .min ... .max), radix: 16)
    private let writes = Atomic<Int>(0)
    private let isWithoutService = Atomic<Bool>(false)
    private let errands: AsyncStream<Errand>
    private let errandSink: AsyncStream<Errand>.Continuation
    private let clock: @Sendable () -> MonotonicTime

    /// - Parameters:
    ///   - configuration: The bounds.
    ///   - executor: Where loads run; `nil` for Swift's own pool.
    ///   - clock: The time; it must not stand still while the machine is suspended.
    public init(
        configuration: CacheClientConfiguration = CacheClientConfiguration(),
        executor: (any TaskExecutor)? = nil,
        clock: @escaping @Sendable () -> MonotonicTime = MonotonicTime.sinceBoot
    ) {
        self.configuration = configuration
        self.executor = executor
        self.clock = clock
        self.coherence = Mutex(
            CoherenceClient(staleness: configuration.staleness, tagsMax: configuration.tagsMax)
        )
        // A replay that is dropped here is asked for again with the next message.
        (self.errands, self.errandSink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(4))
    }

    /// Gives the client its connection to the cache service.
    public func connect(_ caller: any BusCaller) {
        self.caller.withLock { $0 = caller }
    }

    /// Learns that this platform has no cache service, so that no process keeps anything.
    ///
    /// Invalidating then concerns the loads of this process only. A connection that was made before, or is made later, wins.
    public func noteThatThereIsNoService() {
        self.isWithoutService.store(true, ordering: .relaxed)
    }

    public func now() -> MonotonicTime { self.clock() }

    // MARK: What the near caches ask

    /// Whether a value may be served now.
    ///
    /// - Returns: The newest invalidation that has been applied, if it may.
    public func serves(asof: SequenceNumber, tags: [String], at now: MonotonicTime) -> SequenceNumber? {
        self.coherence.withLock { coherence in
            coherence.serves(asof: asof, tags: tags, at: now) ? coherence.applied : nil
        }
    }

    /// Whether no invalidation that is known here forbids a value.
    public func permits(asof: SequenceNumber, tags: some Sequence<String>) -> Bool {
        self.coherence.withLock { $0.permits(asof: asof, tags: tags) }
    }

    /// Whether a load that began earlier may be shared with a caller of now.
    ///
    /// As for a value; and a load that began less than Δ ago cannot have missed what it should have seen, even
    /// while there is no proof.
    public func shares(mark: SequenceNumber, tags: some Sequence<String>, since began: MonotonicTime) -> Bool {
        let now = self.clock()
        return self.coherence.withLock { coherence in
            guard coherence.permits(asof: mark, tags: tags) else { return false }
            return coherence.isFresh(at: now) || now <= began + self.configuration.staleness
        }
    }

    /// The newest invalidation that has been applied here.
    public var applied: SequenceNumber { self.coherence.withLock(\.applied) }

    /// Whether near caches may be used now.
    public var isFresh: Bool {
        let now = self.clock()
        return self.coherence.withLock { $0.isFresh(at: now) }
    }

    public var statistics: CoherenceStatistics { self.coherence.withLock(\.statistics) }

    // MARK: What the connection tells

    public func reachabilityChanged(isReady: Bool) {
        if isReady { self.errandSink.yield(.ping) }
    }

    public func invalidated(_ message: Envelope) {
        // One that cannot be read is missing, and the next message shows the gap.
        guard let tags = try? InvalidationMessage(decoding: message.body).tags else { return }
        let number = SequenceNumber(epoch: message.header.epoch, value: message.header.callID)
        self.update { $0.receive(number, tags: tags, at: $1) }
    }

    private func update(_ change: (inout CoherenceClient, MonotonicTime) -> CoherenceClient.Question?) {
        let now = self.clock()
        let question = self.coherence.withLock { change(&$0, now) }
        guard case .replay(let epoch, let from) = question else { return }
        self.errandSink.yield(.replay(epoch: epoch, from: from))
    }

    // MARK: Keeping fresh

    /// Keeps the proof of freshness until the service is told to shut down.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.runErrands() }
                // Sleeping fails when the task is cancelled: then this ends, and the group with it.
                while (try? await Task.sleep(for: self.configuration.staleness / 4)) != nil {
                    group.addTask { await self.ping() }
                }
                group.cancelAll()
            }
        }
    }

    private func runErrands() async {
        for await errand in self.errands {
            switch errand {
            case .ping: await self.ping()
            case .replay(let epoch, let from): await self.replay(epoch: epoch, from: from)
            }
        }
    }

    /// Asks for the newest invalidation's number, which proves freshness.
    public func ping() async {
        let sentAt = self.clock()
        let request = BusRequest(target: CacheTarget.ping, budget: self.configuration.staleness)
        // No answer is no proof; that is all there is to do about it.
        guard let reply = try? await self.call(request), let head = try? CacheHead(decoding: reply.body) else { return }
        let number = SequenceNumber(epoch: reply.epoch, value: head.head)
        self.update { $0.receiveHead(number, sentAt: sentAt, at: $1) }
    }

    private func replay(epoch: UInt64, from: UInt64) async {
        let request = BusRequest(
            target: CacheTarget.replay,
            body: CacheReplay(epoch: epoch, from: from).encoded(),
            budget: self.configuration.staleness
        )
        guard let reply = try? await self.call(request), let answer = try? CacheReplayed(decoding: reply.body) else {
            return self.coherence.withLock { $0.replayFailed() }
        }
        let head = SequenceNumber(epoch: reply.epoch, value: answer.head)
        self.update {
            $0.receiveReplay(
                head: head,
                first: from,
                invalidations: answer.isTrimmed ? nil : answer.invalidations,
                at: $1
            )
        }
    }

    /// Makes a call whose reply is an answer.
    func call(_ request: BusRequest) async throws -> BusReply {
        guard let caller = self.caller.withLock({ $0 }) else {
            throw BusError(.notConnected, "there is no cache service")
        }
        let reply = try await caller.call(request)
        if let fault = reply.fault { throw fault }
        return reply
    }

    // MARK: Invalidating

    /// Invalidates everything that has one of some tags, in every process.
    ///
    /// When it returns, the service has numbered the invalidation, this process serves nothing older, and no other process will in Δ.
    ///
    /// - Throws: ``CacheError`` when the service did not acknowledge it in time. Calling again is safe.
    public func invalidate(_ tags: [String]) async throws {
        if self.isWithoutService.load(ordering: .relaxed), self.caller.withLock({ $0 == nil }) {
            return self.invalidateHere(tags)
        }
        let id = self.writes.wrappingAdd(1, ordering: .relaxed).newValue
        let body = CacheInvalidation(writer: self.writer, id: UInt64(id), tags: tags).encoded()
        let deadline = self.clock() + self.configuration.invalidationMax
        while true {
            let left = deadline.since(self.clock())
            do {
                let budget = min(left, self.configuration.invalidationMax / 4)
                let reply = try await self.call(
                    BusRequest(target: CacheTarget.invalidate, body: body, budget: budget)
                )
                return self.acknowledge(tags, epoch: reply.epoch, try CacheInvalidated(decoding: reply.body))
            } catch let fault as BusFault where !fault.isRetryable {
                throw CacheError(.refused, "the cache service does not accept the invalidation: \(fault)")
            } catch {
                try Task.checkCancellation()
                guard left > .milliseconds(50) else {
                    throw CacheError(.unreachable, "the cache service did not acknowledge the invalidation: \(error)")
                }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Forbids that calls from now on share a load that began before.
    private func invalidateHere(_ tags: [String]) {
        let now = self.clock()
        self.coherence.withLock { coherence in
            let applied = coherence.applied
            _ = coherence.receive(.init(epoch: applied.epoch, value: applied.value + 1), tags: tags, at: now)
        }
    }

    private func acknowledge(_ tags: [String], epoch: UInt64, _ answer: CacheInvalidated) {
        let number = SequenceNumber(epoch: epoch, value: answer.number)
        let now = self.clock()
        self.coherence.withLock { coherence in
            _ = coherence.receive(number, tags: tags, at: now)
            // What came before it has not arrived: rather forget everything than serve what this caller just invalidated.
            if coherence.applied < number { coherence.skip(to: number) }
        }
    }
}
