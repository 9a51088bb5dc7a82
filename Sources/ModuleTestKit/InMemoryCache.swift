internal import Caching
internal import MessageBus
internal import Synchronization
internal import WireProtocol

/// A cache service in memory: the rules of the real one, without its process.
///
/// A test may share one between several buses: they are then processes that share a cache.
public final class InMemoryCache: Sendable {
    fileprivate struct State {
        var core = CacheServiceCore(epoch: 1, incarnation: "in-memory")
        var clients: [PeerID: CacheClient] = [:]
        var calls: [UInt64: CheckedContinuation<BusReply, Never>] = [:]
        var nextCall: UInt64 = 0
        var isReachable = true
    }

    private let state = Mutex(State())

    public init() {}

    /// Cuts the modules off from the cache service, or lets them back; nothing is lost on the way.
    ///
    /// What they have seen stays proven for as long as the test runs: only what is not in a process's own cache is loaded.
    public func setReachable(_ isReachable: Bool) {
        self.state.withLock { $0.isReachable = isReachable }
    }

    /// A process that uses the cache.
    ///
    /// - Parameters:
    ///   - executor: Where its loads run; `nil` for Swift's own pool.
    ///   - connection: What is between the process and the cache: given the way there, it returns what the process calls.
    /// - Returns: The process's side of the cache, fresh already.
    func makeClient(
        executor: (any TaskExecutor)? = nil,
        connection: (InMemoryCacheCaller) -> any BusCaller = { $0 }
    ) async -> CacheClient {
        // Nothing is ever lost in memory, so one proof of freshness lasts longer than any test.
        let configuration = CacheClientConfiguration(staleness: .seconds(86_400))
        let client = CacheClient(configuration: configuration, executor: executor)
        let peer = self.state.withLock { state in
            let peer = PeerID(rawValue: UInt32(state.clients.count + 1))
            state.clients[peer] = client
            return peer
        }
        let hello = Hello(id: "module", role: .host, version: "", incarnation: "\(peer)")
        self.deliver(Envelope(Header(kind: .hello), body: hello.encoded()), from: peer)
        self.deliver(Envelope(Header(kind: .ready)), from: peer)
        client.connect(connection(InMemoryCacheCaller(cache: self, peer: peer)))
        await client.ping()
        return client
    }

    /// Makes a call as a peer.
    func call(_ request: BusRequest, from peer: PeerID) async throws(BusError) -> BusReply {
        guard self.state.withLock(\.isReachable) else {
            throw BusError(.notConnected, "the test has cut off the cache service")
        }
        return await withCheckedContinuation { waiter in
            let id = self.state.withLock { state in
                state.nextCall += 1
                state.calls[state.nextCall] = waiter
                return state.nextCall
            }
            let header = Header(kind: .call, budgetMilliseconds: 600_000, callID: id, target: request.target)
            self.deliver(Envelope(header, metadata: request.metadata, body: request.body), from: peer)
        }
    }

    private func deliver(_ envelope: Envelope, from peer: PeerID) {
        let (pushes, replies) = self.state.withLock { state in
            var actions: [RouterAction] = []
            let now = MonotonicTime.now()
            state.core.advance(to: now, into: &actions)
            state.core.receive(envelope, from: peer, at: now, into: &actions)
            return state.sort(actions)
        }
        // In this order, as on a connection: whoever is acknowledged has been told.
        for (client, envelope) in pushes { client.invalidated(envelope) }
        for (waiter, reply) in replies { waiter.resume(returning: reply) }
    }
}

extension InMemoryCache.State {
    fileprivate typealias Push = (CacheClient, Envelope)
    fileprivate typealias Reply = (CheckedContinuation<BusReply, Never>, BusReply)

    fileprivate mutating func sort(_ actions: [RouterAction]) -> ([Push], [Reply]) {
        var pushes: [Push] = []
        var replies: [Reply] = []
        for case .send(let envelope, let peer) in actions {
            let header = envelope.header
            if header.kind == .invalidate, let client = self.clients[peer] {
                pushes.append((client, envelope))
            } else if header.kind == .reply, let waiter = self.calls.removeValue(forKey: header.callID) {
                let reply = BusReply(
                    status: header.flags.status,
                    epoch: header.epoch,
                    metadata: envelope.metadata,
                    body: envelope.body
                )
                replies.append((waiter, reply))
            }
        }
        return (pushes, replies)
    }
}

/// The connection of one process to an ``InMemoryCache``.
struct InMemoryCacheCaller: BusCaller {
    let cache: InMemoryCache
    let peer: PeerID

    func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        try await self.cache.call(request, from: self.peer)
    }
}
