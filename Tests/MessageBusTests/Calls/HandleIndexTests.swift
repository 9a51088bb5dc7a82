import SeededRandom
import Testing

@testable import MessageBus

struct HandleIndexTests {
    /// Ids as peers choose them: counted, counted above the 32nd bit, and so that many want one place.
    @Test(arguments: [1, 1 << 32, 1 << 60] as [UInt64])
    func itAgreesWithADictionary(step: UInt64) {
        for seed in UInt64(0)..<20 {
            var random = SplitMix64(seed: seed)
            var index = HandleIndex()
            var expected: [UInt64: UInt64] = [:]
            for handle in UInt64(0)..<2000 {
                let id = UInt64.random(in: 0..<300, using: &random) &* step
                if Bool.random(using: &random) {
                    let isNew = index.insert(id, handle)
                    #expect(isNew == (expected[id] == nil), "seed \(seed)")
                    expected[id] = expected[id] ?? handle
                } else {
                    let removed = index.remove(id)
                    #expect(removed == expected.removeValue(forKey: id), "seed \(seed)")
                }
                #expect(index[id] == expected[id], "seed \(seed)")
                #expect(index.count == expected.count)
            }
            #expect(expected.allSatisfy { index[$0.key] == $0.value }, "seed \(seed)")
        }
    }
}
