import WireProtocol

/// What the page says its examples of the cache are.
enum CacheGoldenMessages {
    private static let key = "directory.department@1/alice"
    private static let tags = ["=directory.department/alice", "@directory.department", "*"]

    static let envelopes: [String: Envelope] = [
        #"INVALIDATE with number 9 in epoch 4, body `{"tags":["=directory.department/alice"]}`"#: Envelope(
            Header(kind: .invalidate, callID: 9, epoch: 4),
            body: InvalidationMessage(tags: ["=directory.department/alice"]).encoded()
        ),
        "CALL `cache/get` of §12.3, 10 s left, call id 3": Envelope(
            Header(kind: .call, budgetMilliseconds: 10_000, callID: 3, target: CacheTarget.get),
            body: CacheGet(key: Self.key, tags: Self.tags).encoded()
        ),
        "REPLY to it: the lease of §12.3, in epoch 4": Envelope(
            Header(kind: .reply, flags: MessageFlags(.answer), callID: 3, epoch: 4),
            metadata: CacheGrant(.lease, asof: 9, token: 2).encoded()
        ),
        #"CALL `cache/fill` of §12.4, 2 s left, call id 4, with the value `"sales"`"#: Envelope(
            Header(kind: .call, budgetMilliseconds: 2000, callID: 4, target: CacheTarget.fill),
            metadata: CacheFill(key: Self.key, token: 2, epoch: 4, asof: 9, tags: Self.tags).encoded(),
            body: #""sales""#
        ),
        "REPLY to a later `cache/get` with call id 5: the hit of §12.3, in epoch 4": Envelope(
            Header(kind: .reply, flags: MessageFlags(.answer), callID: 5, epoch: 4),
            metadata: CacheGrant(.hit, asof: 9, tags: Self.tags).encoded(),
            body: #""sales""#
        ),
    ]
}
