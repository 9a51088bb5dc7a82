import SeededRandom
import Testing
import WireProtocol

@testable import MessageBus

struct PackGathererTests {
    private static let packing = PeerID(rawValue: 1)
    private static let plain = PeerID(rawValue: 2)

    private static func call(_ bytes: Int = 10) -> Envelope {
        Envelope(Header(kind: .call, budgetMilliseconds: 1), body: Payload([UInt8](repeating: 0, count: bytes)))
    }

    private static func welcomed(_ flags: MessageFlags = .packs, _ peer: PeerID = packing) -> PackGatherer {
        var gatherer = PackGatherer()
        _ = gatherer.gather(0, Envelope(Header(kind: .welcome, flags: flags)), to: peer)
        gatherer.finishBurst()
        return gatherer
    }

    @Test func messagesToOneConnectionTravelTogetherInTheirOrder() {
        var gatherer = Self.welcomed()
        for index in [0, 3, 4, 9] {
            let gathered = gatherer.gather(index, Self.call(), to: Self.packing)
            #expect(gathered)
        }
        #expect(gatherer.groups.map { Array(gatherer.indices(of: $0)) } == [[0, 3, 4, 9]])
        #expect(gatherer.groups.map(\.size) == [4 * (Pack.size(of: Self.call()) ?? 0)])
    }

    @Test func aConnectionThatReadsNoPacksIsSentToAtOnce() {
        var gatherer = Self.welcomed()
        let gathered = gatherer.gather(0, Self.call(), to: Self.plain)
        #expect(!gathered)
        gatherer = Self.welcomed([])
        let gatheredWithoutFlag = gatherer.gather(0, Self.call(), to: Self.packing)
        #expect(!gatheredWithoutFlag)
    }

    @Test func aMessageThatTravelsAloneKeepsItsPlace() {
        var gatherer = Self.welcomed()
        for (index, envelope) in [Self.call(), Self.call(), Envelope(Header(kind: .ping)), Self.call(), Self.call()]
            .enumerated()
        {
            _ = gatherer.gather(index, envelope, to: Self.packing)
        }
        #expect(gatherer.groups.map { Array(gatherer.indices(of: $0)) } == [[0, 1], [2], [3, 4]])
    }

    @Test func aPackHasABound() throws {
        var gatherer = Self.welcomed()
        let call = Self.call(4000)
        let size = try #require(Pack.size(of: call))
        for index in 0..<10 { _ = gatherer.gather(index, call, to: Self.packing) }
        #expect(gatherer.groups.allSatisfy { $0.size <= Pack.sizeMax })
        #expect(gatherer.groups.map(\.count).first == Pack.sizeMax / size)
        #expect(gatherer.groups.flatMap { Array(gatherer.indices(of: $0)) } == Array(0..<10))
    }

    @Test func aConnectionThatIsGoneIsForgotten() {
        var gatherer = Self.welcomed()
        gatherer.forget(Self.packing)
        #expect(gatherer.count == 0)
        let gathered = gatherer.gather(0, Self.call(), to: Self.packing)
        #expect(!gathered)
        // Its place is taken by another one, which has nothing of it.
        _ = gatherer.gather(1, Envelope(Header(kind: .welcome, flags: .packs)), to: Self.plain)
        _ = gatherer.gather(2, Self.call(), to: Self.plain)
        #expect(gatherer.groups.map { Array(gatherer.indices(of: $0)) } == [[1], [2]])
    }

    @Test func itHasNothingLeftOfTheBurstBefore() {
        var gatherer = Self.welcomed()
        for index in 0..<5 { _ = gatherer.gather(index, Self.call(), to: Self.packing) }
        gatherer.finishBurst()
        #expect(gatherer.groups.isEmpty)
        _ = gatherer.gather(0, Self.call(), to: Self.packing)
        #expect(gatherer.groups.map { Array(gatherer.indices(of: $0)) } == [[0]])
    }

    @Test func whateverIsSentEachConnectionGetsItsOwnInOrder() {
        for seed in UInt64(0)..<20 {
            var random = SplitMix64(seed: seed)
            var gatherer = PackGatherer()
            for burst in 0..<50 {
                var expected: [PeerID: [Int]] = [:]
                for index in 0..<Int.random(in: 0..<100, using: &random) {
                    let peer = PeerID(rawValue: .random(in: 0..<200, using: &random) * 32)
                    let envelope = Self.random(using: &random)
                    if gatherer.gather(index, envelope, to: peer) { expected[peer, default: []].append(index) }
                }
                var sent: [PeerID: [Int]] = [:]
                for group in gatherer.groups { sent[group.peer, default: []] += gatherer.indices(of: group) }
                #expect(sent == expected, "seed \(seed), burst \(burst)")
                gatherer.finishBurst()
                if burst % 7 == 0 { gatherer.forget(PeerID(rawValue: .random(in: 0..<200, using: &random) * 32)) }
            }
        }
    }

    private static func random(using random: inout SplitMix64) -> Envelope {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: Envelope(Header(kind: .welcome, flags: .packs))
        case 1: Envelope(Header(kind: .welcome))
        case 2: Envelope(Header(kind: .ping))
        default: Self.call(.random(in: 0..<5000, using: &random))
        }
    }
}
