import MessageBus
import Testing
import WireProtocol

@testable import Caching

struct CacheServiceCoreTests {
    @Test func oneLoadsAndTheOthersGetItsValue() throws {
        var script = CacheServiceScript()
        script.connect(1, 2, 3)
        let lease = try #require(script.get("k", from: 1).first?.grant)
        #expect(lease.outcome == .lease)
        #expect(script.get("k", from: 2).isEmpty)
        #expect(script.get("k", from: 3).isEmpty)
        let replies = script.fill("k", lease, "value", from: 1)
        #expect(replies.filter { $0.grant?.outcome == .hit }.map(\.peer).sorted() == [2, 3])
        #expect(replies.filter { $0.grant?.outcome == .hit }.allSatisfy { $0.body == "value" })
        #expect(script.get("k", from: 3).first?.body == "value")
    }

    @Test func operatorsSeeWhatIsKeptOfEachFunction() throws {
        var script = CacheServiceScript(bytesMax: 4000)
        script.connect(1, 2)
        for key in ["a.f@1/x", "a.f@1/y", "b.g@2/x", "a.f@1/x"] {
            guard let lease = script.get(key, from: 1).first?.grant, lease.outcome == .lease else { continue }
            _ = script.fill(key, lease, "value", from: 1)
        }
        let before = try script.functions()
        #expect(before["a.f"]?["entries"] == 2)
        #expect(before["a.f"]?["hits"] == 1)
        #expect(before["a.f"]?["leases"] == 2)
        #expect(before["b.g"]?["entries"] == 1)
        for number in 0..<20 {
            let lease = try #require(script.get("b.g@2/\(number)", from: 2).first?.grant)
            _ = script.fill("b.g@2/\(number)", lease, "value", from: 2)
        }
        let after = try script.functions()
        #expect(after["a.f"]?["entries"] == 0)
        #expect(after["a.f"]?["bytes"] == 0)
        #expect(after["a.f"]?["evictions"] == 2)
        #expect(after["b.g"]?["entries"]?.integer == Int64(script.core.entries.count))
        #expect(after["b.g"]?["bytes"]?.integer == Int64(script.core.entries.weight))
    }

    @Test func functionsThatAPeerMakesUpAreCountedTogether() {
        var tallies = CacheFunctionTallies()
        let places = (0..<5000).map { tallies.place(of: "made-up-\($0)@1/x") }
        #expect(Set(places).count == 1025)
        #expect(tallies.tallies.count == 1025)
        let another = tallies.place(of: "another")
        #expect(places.last == another)
        let sameFunction = tallies.place(of: "made-up-7@2/y")
        #expect(sameFunction == places[7])
    }

    @Test func aLeaseWhoseHolderIsGoneGoesToTheNext() throws {
        var script = CacheServiceScript()
        script.connect(1, 2)
        _ = script.get("k", from: 1)
        #expect(script.get("k", from: 2).isEmpty)
        let replies = script.lose(1)
        #expect(replies.map(\.peer) == [2])
        #expect(replies.first?.grant?.outcome == .lease)
    }

    @Test func aLeaseThatIsReleasedGoesToTheNext() throws {
        var script = CacheServiceScript()
        script.connect(1, 2)
        let lease = try #require(script.get("k", from: 1).first?.grant)
        _ = script.get("k", from: 2)
        let body = CacheRelease(key: "k", token: lease.token).encoded()
        let replies = script.call(CacheTarget.release, body: body, from: 1)
        #expect(replies.last?.peer == 2)
        #expect(replies.last?.grant?.outcome == .lease)
    }

    @Test func aCallThatWasGivenUpIsNotAnswered() throws {
        var script = CacheServiceScript()
        script.connect(1, 2, 3)
        let lease = try #require(script.get("k", from: 1).first?.grant)
        _ = script.get("k", from: 2)
        _ = script.get("k", from: 3)
        script.giveUpLastCall(from: 3)
        #expect(script.fill("k", lease, "value", from: 1).filter { $0.grant != nil }.map(\.peer) == [2])
    }

    @Test func whoAsksAgainWhileItWaitsKeepsItsPlaceAndIsCountedOnce() throws {
        var script = CacheServiceScript()
        script.connect(1, 2, 3)
        let first = try #require(script.get("k", from: 1).first?.grant)
        _ = script.get("k", from: 2)
        script.giveUpLastCall(from: 2)
        _ = script.get("k", from: 3)
        #expect(script.get("k", from: 2).isEmpty)
        #expect(script.core.statistics.waits == 2)
        let reply = try #require(script.release("k", first, from: 1).last)
        #expect(reply.peer == 2)
        // It has had its turn, and waits behind all others from now on.
        _ = script.get("k", from: 1)
        let second = try #require(reply.grant)
        let next = try #require(script.release("k", second, from: 2).last)
        #expect(next.peer == 3)
        _ = script.get("k", from: 2)
        #expect(script.release("k", try #require(next.grant), from: 3).last?.peer == 1)
        #expect(script.core.statistics.waits == 4)
    }

    @Test func aLoadThatTakesTooLongIsNotWaitedForAnyMore() throws {
        var script = CacheServiceScript()
        script.connect(1, 2)
        _ = script.get("k", from: 1)
        #expect(script.get("k", from: 2).isEmpty)
        #expect(script.pass(.seconds(11)).first { $0.peer == 2 }?.grant?.outcome == .lease)
    }

    @Test func aLoadThatAnInvalidationHasOvertakenIsNotWaitedForAndNotKept() throws {
        var script = CacheServiceScript()
        script.connect(1, 2, 3)
        let old = try #require(script.get("k", from: 1).first?.grant)
        _ = script.invalidate(["=k"], id: 1, from: 3)
        let new = try #require(script.get("k", from: 2).first?.grant)
        #expect(new.outcome == .lease)
        #expect(new.asof == 1)
        _ = script.fill("k", old, "old", from: 1)
        _ = script.fill("k", new, "new", from: 2)
        #expect(script.get("k", from: 3).first?.body == "new")
        _ = script.fill("k", old, "old", from: 1)
        #expect(script.get("k", from: 3).first?.body == "new")
    }

    @Test func anInvalidationIsToldToEverybodyBeforeItIsAcknowledged() throws {
        var script = CacheServiceScript()
        script.connect(1, 2)
        let replies = script.invalidate(["=k", "@f"], id: 1, from: 1)
        #expect(replies.dropLast().map(\.kind) == [.invalidate, .invalidate])
        #expect(replies.dropLast().map(\.peer).sorted() == [1, 2])
        #expect(replies.last?.body == #"{"seq":1}"#)
    }

    @Test func aRepeatedInvalidationKeepsItsNumber() {
        var script = CacheServiceScript()
        script.connect(1, 2)
        _ = script.invalidate(["=k"], id: 7, from: 1)
        _ = script.invalidate(["=k"], id: 8, from: 1)
        let again = script.invalidate(["=k"], id: 7, from: 2)
        #expect(again.map(\.body) == [#"{"seq":1}"#])
    }

    @Test func whatIsMissingIsReplayedAndWhatIsGoneIsSaidToBe() throws {
        var script = CacheServiceScript(replayMax: 3)
        script.connect(1)
        for number in 1...5 { _ = script.invalidate(["=\(number)"], id: UInt64(number), from: 1) }
        #expect(
            try script.replay(from: 3, 1) == CacheReplayed(head: 5, invalidations: [["=3"], ["=4"], ["=5"]])
        )
        #expect(try script.replay(from: 6, 1) == CacheReplayed(head: 5))
        #expect(try script.replay(from: 2, 1) == CacheReplayed(head: 5, isTrimmed: true))
        #expect(try script.replay(from: 1, 1, epoch: 6) == CacheReplayed(head: 5, isTrimmed: true))
        #expect(try script.replay(from: .max >> 1, 1) == CacheReplayed(head: 5, isTrimmed: true))
    }

    @Test func theMemoryIsBounded() throws {
        var script = CacheServiceScript(bytesMax: 10_000)
        script.connect(1)
        for number in 0..<100 {
            let lease = try #require(script.get("k\(number)", from: 1).first?.grant)
            _ = script.fill("k\(number)", lease, String(repeating: "x", count: 500), from: 1)
        }
        #expect(script.core.entries.weight <= 10_000)
        #expect(script.core.entries.count > 5)
    }

    @Test func aValueThatIsTooLongLetsEverybodyLoad() throws {
        var script = CacheServiceScript(valueBytesMax: 4)
        script.connect(1, 2, 3)
        let lease = try #require(script.get("k", from: 1).first?.grant)
        _ = script.get("k", from: 2)
        _ = script.get("k", from: 3)
        let replies = script.fill("k", lease, "12345", from: 1)
        #expect(replies.dropFirst().compactMap(\.grant).map(\.outcome) == [.lease, .lease])
    }

    @Test func aValueEndsWithItsLifetime() throws {
        var script = CacheServiceScript()
        script.connect(1)
        let lease = try #require(script.get("k", from: 1).first?.grant)
        _ = script.fill("k", lease, "value", lifetime: 500, from: 1)
        #expect(script.get("k", from: 1).first?.grant?.lifetimeMilliseconds == 500)
        _ = script.pass(.milliseconds(501))
        #expect(script.get("k", from: 1).first?.grant?.outcome == .lease)
    }

    @Test func aConnectionThatHasNotSaidHelloIsAskedWhoItIs() {
        var script = CacheServiceScript()
        #expect(script.get("k", from: 9).map(\.kind) == [.whoAreYou])
    }

    /// Any bytes are answered with an error or dropped, and disturb nobody.
    @Test(arguments: [
        "", "null", "[]", #"{"key":""}"#, #"{"key":"with space","tags":[]}"#, #"{"key":"é","tags":[]}"#,
        #"{"key":"k","tags":[7]}"#, #"{"epoch":-1,"from":0}"#, #"{"writer":"w","id":1,"tags":[]}"#,
    ])
    func whatMakesNoSenseIsRefused(body: String) {
        var script = CacheServiceScript()
        script.connect(1)
        let targets = [
            CacheTarget.get, CacheTarget.fill, CacheTarget.release, CacheTarget.invalidate, CacheTarget.replay, "x",
        ]
        for target in targets {
            let replies = script.call(target, metadata: Payload(body), body: Payload(body), from: 1)
            #expect(replies.map(\.status) == [.error], "\(target)")
        }
    }
}
