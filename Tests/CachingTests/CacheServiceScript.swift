import MessageBus
import WireProtocol

@testable import Caching

/// Speaks to a cache service as its peers would.
struct CacheServiceScript {
    /// A message to a peer.
    struct Message {
        var peer: UInt32
        var kind: MessageKind
        var status: ReplyStatus
        var grant: CacheGrant?
        var body: String
    }

    static let epoch: UInt64 = 5

    var core: CacheServiceCore
    private var now = MonotonicTime(nanoseconds: 1_000_000_000)
    private var nextCall: UInt64 = 0

    init(replayMax: Int = 100, bytesMax: Int = 1 << 20, valueBytesMax: Int = 1 << 16) {
        var limits = CacheServiceLimits()
        limits.replayMax = replayMax
        limits.bytesMax = bytesMax
        limits.valueBytesMax = valueBytesMax
        limits.heartbeatMilliseconds = 30_000
        self.core = CacheServiceCore(epoch: Self.epoch, incarnation: "script", limits: limits)
    }

    mutating func connect(_ peers: UInt32...) {
        for peer in peers {
            let hello = Hello(id: "p\(peer)", role: .host, version: "", incarnation: "1", heartbeatMilliseconds: 30_000)
            _ = self.deliver(Envelope(Header(kind: .hello), body: hello.encoded()), from: peer)
            _ = self.deliver(Envelope(Header(kind: .ready)), from: peer)
        }
    }

    mutating func call(
        _ target: String,
        metadata: Payload? = nil,
        body: Payload = .empty,
        from peer: UInt32
    ) -> [Message] {
        self.nextCall += 1
        let header = Header(kind: .call, budgetMilliseconds: 60_000, callID: self.nextCall, target: target)
        return self.deliver(Envelope(header, metadata: metadata, body: body), from: peer)
    }

    mutating func get(_ key: String, from peer: UInt32) -> [Message] {
        self.call(CacheTarget.get, body: CacheGet(key: key, tags: ["=\(key)"]).encoded(), from: peer)
    }

    /// Lets the call that was made last be given up, as by a caller whose time is over.
    mutating func giveUpLastCall(from peer: UInt32) {
        _ = self.deliver(Envelope(Header(kind: .cancel, callID: self.nextCall)), from: peer)
    }

    mutating func release(_ key: String, _ lease: CacheGrant, from peer: UInt32) -> [Message] {
        let body = CacheRelease(key: key, token: lease.token).encoded()
        return self.call(CacheTarget.release, body: body, from: peer)
    }

    mutating func fill(
        _ key: String,
        _ lease: CacheGrant,
        _ value: String,
        lifetime: UInt32? = nil,
        from peer: UInt32
    ) -> [Message] {
        let fill = CacheFill(
            key: key,
            token: lease.token,
            epoch: Self.epoch,
            asof: lease.asof,
            tags: ["=\(key)"],
            lifetimeMilliseconds: lifetime
        )
        return self.call(CacheTarget.fill, metadata: fill.encoded(), body: Payload(value), from: peer)
    }

    mutating func invalidate(_ tags: [String], id: UInt64, from peer: UInt32) -> [Message] {
        let body = CacheInvalidation(writer: "w", id: id, tags: tags).encoded()
        return self.call(CacheTarget.invalidate, body: body, from: peer)
    }

    mutating func replay(from number: UInt64, _ peer: UInt32, epoch: UInt64 = Self.epoch) throws -> CacheReplayed? {
        let body = CacheReplay(epoch: epoch, from: number).encoded()
        return try self.call(CacheTarget.replay, body: body, from: peer).first.map {
            try CacheReplayed(decoding: Payload($0.body))
        }
    }

    /// What operators see, by the function's name.
    mutating func functions() throws -> [String: JSONValue] {
        let reply = self.call(CacheTarget.list, from: 1).first?.body ?? ""
        let list = try JSONValue(parsing: reply)["functions"]?.array ?? []
        return Dictionary(list.map { ($0["name"]?.string ?? "", $0) }) { first, _ in first }
    }

    /// A connection goes away; the service finds out when it sends.
    mutating func lose(_ peer: UInt32) -> [Message] {
        var actions: [RouterAction] = []
        self.core.sendFailed(
            Header(kind: .ping),
            to: PeerID(rawValue: peer),
            reason: .unreachable,
            at: self.now,
            into: &actions
        )
        return self.messages(actions)
    }

    mutating func pass(_ time: Duration) -> [Message] {
        self.now = self.now + time
        var actions: [RouterAction] = []
        self.core.advance(to: self.now, into: &actions)
        return self.messages(actions)
    }

    private mutating func deliver(_ envelope: Envelope, from peer: UInt32) -> [Message] {
        var actions: [RouterAction] = []
        self.core.receive(envelope, from: PeerID(rawValue: peer), at: self.now, into: &actions)
        return self.messages(actions)
    }

    private func messages(_ actions: [RouterAction]) -> [Message] {
        actions.compactMap { action in
            guard case .send(let envelope, let peer) = action else { return nil }
            return Message(
                peer: peer.rawValue,
                kind: envelope.header.kind,
                status: envelope.header.flags.status,
                grant: envelope.metadata.flatMap { try? CacheGrant(decoding: $0) },
                body: envelope.body.text
            )
        }
    }
}
