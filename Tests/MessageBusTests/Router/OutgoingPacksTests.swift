import SeededRandom
import Testing
import WireProtocol

@testable import MessageBus

struct OutgoingPacksTests {
    private static func call(_ id: UInt64, _ bytes: Int = 10) -> Envelope {
        let header = Header(kind: .call, budgetMilliseconds: 1, callID: id, target: "a")
        return Envelope(header, body: Payload([UInt8](repeating: 7, count: bytes)))
    }

    /// A connection, whether it reads packs or not.
    private static func peer(_ number: UInt32) -> PeerID { PeerID(rawValue: number * 64) }

    private static func size(_ envelope: Envelope) -> Int { Pack.size(of: envelope) ?? 0 }

    private static func place(of peer: PeerID, in packs: inout OutgoingPacks) throws -> Int {
        let place = packs.place(of: peer)
        return try #require(place)
    }

    private static func ids(_ filling: OutgoingPacks.Filling?) -> [UInt64] {
        (filling?.messages.envelopes ?? []).map { call in
            #expect(call == Self.call(call.header.callID, call.body.count))
            return call.header.callID
        }
    }

    @Test func onlyConnectionsThatSaidSoReadPacks() {
        var packs = OutgoingPacks()
        let stranger = packs.place(of: Self.peer(1))
        packs.settle(Self.peer(1), readsPacks: true)
        packs.settle(Self.peer(2), readsPacks: false)
        let (reader, other) = (packs.place(of: Self.peer(1)), packs.place(of: Self.peer(2)))
        packs.settle(Self.peer(1), readsPacks: false)
        let former = packs.place(of: Self.peer(1))
        #expect(stranger == nil)
        #expect(reader != nil)
        #expect(other == nil)
        #expect(former == nil)
        #expect(packs.readers == 0)
    }

    @Test func messagesComeOutInTheirOrderAndOnlyOnce() throws {
        var packs = OutgoingPacks()
        packs.settle(Self.peer(1), readsPacks: true)
        let place = try Self.place(of: Self.peer(1), in: &packs)
        for id in 0..<5 as Range<UInt64> {
            let size = Self.size(Self.call(id))
            packs.add(Self.call(id), of: size, for: Self.peer(1), at: place)
        }
        #expect(Self.ids(packs.pack(at: place)) == [0, 1, 2, 3, 4])
        packs.close(place)
        #expect(packs.count == 0)
        #expect(packs.pack(at: place) == nil)
        packs.close(place)
        packs.add(Self.call(9), of: Self.size(Self.call(9)), for: Self.peer(1), at: place)
        #expect(packs.filled.map(Self.ids) == [[9]])
    }

    @Test func whatCannotBeSentTellsItsHeaders() throws {
        var packs = OutgoingPacks()
        packs.settle(Self.peer(1), readsPacks: true)
        let place = try Self.place(of: Self.peer(1), in: &packs)
        for id in [3, 4] as [UInt64] {
            packs.add(Self.call(id), of: Self.size(Self.call(id)), for: Self.peer(1), at: place)
        }
        #expect(packs.pack(at: place)?.messages.envelopes.map(\.header) == [Self.call(3).header, Self.call(4).header])
    }

    @Test func aPackAndTheirNumberHaveABound() throws {
        var packs = OutgoingPacks()
        let count = UInt32(OutgoingPacks.countMax)
        for number in 0...count { packs.settle(Self.peer(number), readsPacks: true) }
        let call = Self.call(0, 4000)
        let size = Self.size(call)
        for number in 0..<count {
            let place = try Self.place(of: Self.peer(number), in: &packs)
            #expect(packs.hasRoom(for: size, at: place))
            packs.add(call, of: size, for: Self.peer(number), at: place)
        }
        let last = try Self.place(of: Self.peer(count), in: &packs)
        #expect(!packs.hasRoom(for: size, at: last))
        let first = try Self.place(of: Self.peer(0), in: &packs)
        for _ in 0..<3 { packs.add(call, of: size, for: Self.peer(0), at: first) }
        #expect(!packs.hasRoom(for: size, at: first))
        #expect(packs.hasRoom(for: WireLimits.packSize - 4 * size, at: first))
    }

    @Test func aPackHasABoundOnItsMessages() throws {
        var packs = OutgoingPacks()
        packs.settle(Self.peer(1), readsPacks: true)
        let place = try Self.place(of: Self.peer(1), in: &packs)
        let size = Self.size(Self.call(0))
        for id in 0..<UInt64(WireLimits.packMessages) {
            #expect(packs.hasRoom(for: size, at: place))
            packs.add(Self.call(id), of: size, for: Self.peer(1), at: place)
        }
        #expect(!packs.hasRoom(for: size, at: place))
    }

    @Test func whoHasReadPacksForLongestIsForgottenForAnotherOne() throws {
        var packs = OutgoingPacks()
        let count = UInt32(OutgoingPacks.readersMax)
        for number in 0..<count + 2 { packs.settle(Self.peer(number), readsPacks: true) }
        #expect(packs.readers == Int(count))
        let places = [0, 1, 2, count, count + 1].map { packs.place(of: Self.peer($0)) }
        #expect(places[0] == nil && places[1] == nil)
        #expect(places[2] != nil && places[3] != nil && places[4] != nil)
        packs.settle(Self.peer(0), readsPacks: false)
        #expect(packs.readers == Int(count))
    }

    /// Beside a dictionary that does the same without any cleverness.
    @Test func whateverComesAndGoesEachConnectionGetsItsOwnInOrder() throws {
        for seed in UInt64(0)..<20 {
            var random = SplitMix64(seed: seed)
            var packs = OutgoingPacks()
            var expected: [PeerID: [UInt64]] = [:]
            for id in 0..<1000 as Range<UInt64> {
                let peer = Self.peer(.random(in: 0..<100, using: &random))
                let place = packs.place(of: peer)
                switch (Int.random(in: 0..<12, using: &random), place) {
                case (0, let place?):
                    #expect(Self.ids(packs.pack(at: place)) == expected[peer] ?? [], "seed \(seed)")
                    packs.close(place)
                    packs.settle(peer, readsPacks: false)
                    expected[peer] = nil
                case (0, nil): packs.settle(peer, readsPacks: true)
                case (1, _):
                    var filled: [PeerID: [UInt64]] = [:]
                    for pack in packs.filled { filled[pack.peer] = Self.ids(pack) }
                    #expect(filled == expected, "seed \(seed)")
                    packs.closeAll()
                    expected = [:]
                case (_, let place?):
                    let call = Self.call(id, .random(in: 0..<300, using: &random))
                    let size = Self.size(call)
                    guard packs.hasRoom(for: size, at: place) else { continue }
                    packs.add(call, of: size, for: peer, at: place)
                    expected[peer, default: []].append(id)
                case (_, nil): break
                }
            }
        }
    }
}
