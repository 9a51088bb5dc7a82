import CacheHistory
import SeededRandom
import Testing

@testable import Caching

struct LeastRecentlyUsedTests {
    @Test func whatWasNotUsedForLongestGoes() {
        var cache = LeastRecentlyUsed<Int>(weightMax: 2)
        cache.set("a", 1)
        cache.set("b", 2)
        _ = cache.use("a")
        cache.set("c", 3)
        #expect(cache.peek("a") == 1)
        #expect(cache.peek("b") == nil)
        #expect(cache.peek("c") == 3)
    }

    @Test func aValueOverTheBoundIsNotKept() {
        var cache = LeastRecentlyUsed<Int>(weightMax: 10)
        cache.set("a", 1, weight: 4)
        #expect(cache.set("b", 2, weight: 11) == nil)
        #expect(cache.count == 1)
    }

    /// Against a list that is searched.
    @Test(arguments: 1...20)
    func itBehavesLikeAPlainList(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var cache = LeastRecentlyUsed<Int>(weightMax: 20)
        var list: [(key: String, value: Int, weight: Int)] = []
        for step in 0..<500 {
            let key = "\(Int.random(in: 0..<12, using: &random))"
            let index = list.firstIndex { $0.key == key }
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<4:
                let weight = Int.random(in: 1...6, using: &random)
                cache.set(key, step, weight: weight)
                if let index { list.remove(at: index) }
                list.append((key, step, weight))
                while list.reduce(0, { $0 + $1.weight }) > 20 { list.removeFirst() }
            case 4..<9:
                #expect(cache.use(key) == index.map { list[$0].value })
                if let index { list.append(list.remove(at: index)) }
            default:
                cache.remove(key)
                if let index { list.remove(at: index) }
            }
            #expect(cache.count == list.count)
            #expect(cache.weight == list.reduce(0) { $0 + $1.weight })
        }
    }
}
