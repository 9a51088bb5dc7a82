import MessageBus
import SeededRandom
import Testing

struct PeerPlacesTests {
    @Test func theyAgreeWithADictionaryWhateverComesAndGoes() {
        for seed in UInt64(0)..<20 {
            var random = SplitMix64(seed: seed)
            var places = PeerPlaces()
            var expected: [PeerID: Int] = [:]
            for place in 0..<2000 {
                // Neighbours, and others that share a place among the recent ones.
                let peer = PeerID(rawValue: .random(in: 0..<200, using: &random) * 32)
                switch UInt8.random(in: 0..<4, using: &random) {
                case 0: (places[peer], expected[peer]) = (place, place)
                case 1: (places[peer], expected[peer]) = (nil, nil)
                default:
                    let found = places.find(peer)
                    #expect(found == expected[peer], "seed \(seed)")
                    #expect(places[peer] == expected[peer], "seed \(seed)")
                }
            }
        }
    }
}
