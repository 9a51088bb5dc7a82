public import MessageBus
public import WireProtocol

/// What the cache service says to a process that has no value.
public enum CacheAnswer: Sendable {
    /// Somebody has loaded it.
    case hit(CachedValue)
    /// Load it: nobody else does.
    case lease(CacheLease)
    /// There is no cache service to ask; load it, and keep nothing.
    case unavailable
}

/// A value from the cache service.
public struct CachedValue: Sendable {
    public var value: Payload
    public var asof: SequenceNumber
    public var tags: [String]
    public var expiresAt: MonotonicTime?
}

/// The right to load a key.
public struct CacheLease: Sendable {
    public var key: String
    public var token: UInt64
    /// The number known before the load began.
    public var asof: SequenceNumber
}

extension CacheClient {
    /// Asks for a value; waits while another process loads it.
    public func obtain(_ key: String, tags: [String]) async -> CacheAnswer {
        let deadline = self.now() + self.configuration.waitMax
        let body = CacheGet(key: key, tags: tags).encoded()
        // Several short calls rather than a long one, because a service that does not answer pings is not waited for.
        while self.isFresh {
            let left = deadline.since(self.now())
            guard left > .zero else { break }
            let budget = min(left, self.configuration.staleness / 2)
            do {
                let reply = try await self.call(BusRequest(target: CacheTarget.get, body: body, budget: budget))
                return self.answer(reply, key)
            } catch let error as BusError where error.code == .timeout {
                continue
            } catch {
                break
            }
        }
        return .unavailable
    }

    private func answer(_ reply: BusReply, _ key: String) -> CacheAnswer {
        guard let metadata = reply.metadata, let grant = try? CacheGrant(decoding: metadata) else {
            return .unavailable
        }
        let asof = SequenceNumber(epoch: reply.epoch, value: grant.asof)
        switch grant.outcome {
        case .lease:
            return .lease(CacheLease(key: key, token: grant.token, asof: asof))
        case .hit:
            return .hit(
                CachedValue(
                    value: reply.body,
                    asof: asof,
                    tags: grant.tags,
                    expiresAt: grant.lifetimeMilliseconds.map { self.now().adding(milliseconds: $0) }
                )
            )
        }
    }

    /// Brings a value that was loaded under a lease.
    ///
    /// Whether it arrives decides how often it is loaded, not what is served, so nobody needs to know.
    public func fill(
        _ lease: CacheLease,
        value: Payload,
        asof: SequenceNumber,
        tags: [String],
        lifetime: Duration?
    ) async {
        let fill = CacheFill(
            key: lease.key,
            token: lease.token,
            epoch: asof.epoch,
            asof: asof.value,
            tags: tags,
            lifetimeMilliseconds: lifetime.map { UInt32(clamping: max(1, Int64($0 / .milliseconds(1)))) }
        )
        let request = BusRequest(
            target: CacheTarget.fill,
            metadata: fill.encoded(),
            body: value,
            budget: self.configuration.staleness
        )
        if (try? await self.call(request)) == nil { await self.release(lease) }
    }

    /// Gives a lease back; if that does not arrive, it ends by itself.
    public func release(_ lease: CacheLease) async {
        guard lease.token != 0 else { return }
        let request = BusRequest(
            target: CacheTarget.release,
            body: CacheRelease(key: lease.key, token: lease.token).encoded(),
            budget: self.configuration.staleness
        )
        _ = try? await self.call(request)
    }
}
