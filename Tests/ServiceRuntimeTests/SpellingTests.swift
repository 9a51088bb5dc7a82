import SeededRandom
import Testing

@testable import ServiceRuntime

struct SpellingTests {
    @Test(arguments: [
        ("gatway", "gateway"), ("Gateway", "gateway"), ("moduels", "modules"), ("bsu", "bus"), ("databse", "databases"),
    ])
    func aSlipIsRecognised(_ word: String, _ meant: String) {
        #expect(Spelling.nearest(to: word, among: ["bus", "gateway", "modules", "databases"]) == meant)
    }

    @Test func aStrangeWordIsNotGuessedAt() {
        #expect(Spelling.nearest(to: "telemetry", among: ["bus", "gateway", "modules"]) == nil)
    }

    @Test func distanceIsAMetricOnRandomWords() {
        var generator = SplitMix64(seed: 11)
        for _ in 0..<500 {
            let words = (0..<2).map { _ in
                String(
                    (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
                        "abc".randomElement(using: &generator)
                    }
                )
            }
            let distance = Spelling.distance(words[0], words[1])
            #expect(distance == Spelling.distance(words[1], words[0]))
            #expect((distance == 0) == (words[0] == words[1]))
            #expect(distance <= max(words[0].count, words[1].count))
            #expect(distance >= abs(words[0].count - words[1].count))
        }
    }
}
