import CacheHistory
import SeededRandom
import Testing

@testable import Caching

struct InvalidationLedgerTests {
    @Test func aValueFromBeforeAnInvalidationOfItsTagIsNotPermitted() {
        var ledger = InvalidationLedger(tagsMax: 10)
        ledger.apply(["a"], number: 5)
        #expect(!ledger.permits(asof: 4, tags: ["b", "a"]))
        #expect(ledger.permits(asof: 5, tags: ["b", "a"]))
        #expect(ledger.permits(asof: 0, tags: ["b"]))
    }

    /// Against a ledger that forgets nothing: whatever the bounded one permits, that one does.
    @Test(arguments: 1...20)
    func forgettingNeverPermitsMore(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var bounded = InvalidationLedger(tagsMax: 3)
        var newest: [String: UInt64] = [:]
        for number in 1...200 as ClosedRange<UInt64> {
            let tags = (0..<Int.random(in: 1...2, using: &random)).map { _ in "\(Int.random(in: 0..<8, using: &random))"
            }
            bounded.apply(tags, number: number)
            for tag in tags { newest[tag] = number }
            for tag in 0..<8 {
                let asof = UInt64.random(in: 0...number, using: &random)
                guard bounded.permits(asof: asof, tags: ["\(tag)"]) else { continue }
                #expect(newest["\(tag)", default: 0] <= asof)
            }
            #expect(bounded.tagCount <= 3)
        }
        #expect(bounded.permits(asof: 200, tags: (0..<8).map(String.init)))
    }
}
