import MessageBus
import SeededRandom
import Testing
import WireProtocol

@testable import Callbacks

struct TablePaceTests {
    private func time(_ microseconds: Int) -> MonotonicTime { .init(nanoseconds: UInt64(microseconds) * 1000) }

    @Test func theFirstChangeIsToldAtOnceAndThoseAfterItTogether() {
        var pace = TablePace()
        let isFirst = pace.changed(at: self.time(1_000_000))
        #expect(isFirst)
        pace.told(bytes: 0, at: self.time(1_000_000))
        #expect(pace.due == nil)
        for offset in [1, 2, 4999] {
            let isNow = pace.changed(at: self.time(1_000_000 + offset))
            #expect(!isNow)
            #expect(pace.due == self.time(1_005_000))
        }
        #expect(!pace.isDue(at: self.time(1_004_999)))
        #expect(pace.isDue(at: self.time(1_005_000)))
        pace.told(bytes: 0, at: self.time(1_005_000))
        #expect(pace.due == nil)
        let isLater = pace.changed(at: self.time(1_010_000))
        #expect(isLater)
    }

    @Test func aLargeTableIsToldMoreSeldom() {
        var pace = TablePace()
        pace.told(bytes: 1_000_000, at: self.time(0))
        let isNow = pace.changed(at: self.time(54_999))
        #expect(!isNow)
        #expect(pace.due == self.time(55_000))
    }

    /// Whenever changes come, none is told later than a pause after it, and no two tables come in less than that.
    @Test(arguments: 0..<16)
    func theLastChangeIsAlwaysToldWithinAPause(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        var pace = TablePace()
        var (now, untoldSince, lastTold) = (10_000, nil as Int?, nil as Int?)
        for _ in 0..<2000 {
            now += Int.random(in: 0...3000, using: &random)
            let isChange = Int.random(in: 0..<3, using: &random) > 0
            if isChange { untoldSince = untoldSince ?? now }
            let isNow = isChange && pace.changed(at: self.time(now))
            guard isNow || pace.isDue(at: self.time(now)) else {
                #expect((untoldSince == nil) == (pace.due == nil))
                #expect(now - (untoldSince ?? now) <= 5000)
                continue
            }
            if let lastTold { #expect(now - lastTold >= 5000) }
            pace.told(bytes: 0, at: self.time(now))
            (untoldSince, lastTold) = (nil, now)
        }
        #expect(lastTold != nil)
    }
}

struct PacedTableTests {
    private func epochs(_ rig: inout DispatcherRig, _ host: PeerID) -> [UInt64] {
        rig.take(.table, for: host).map(\.header.epoch)
    }

    @Test func aThousandChangesAtOnceAreToldOnceAtOnceAndOnceAtTheEnd() throws {
        let ids = (0..<50).map { "m\($0)" }
        var rig = try DispatcherRig(ids.map { .init(id: $0) })
        let host = rig.host()
        for (index, id) in ids.enumerated() {
            let peer = PeerID(rawValue: UInt32(index + 1))
            rig.hello(id, as: peer)
            rig.register(routes: [.init(path: "/\(id)")], as: peer)
            rig.say(Header(kind: .ready), as: peer)
        }
        let atOnce = self.epochs(&rig, host)
        #expect(atOnce == [2])
        rig.advance(milliseconds: 20)
        let later = rig.take(.table, for: host)
        #expect(later.map(\.header.epoch) == [rig.core.epoch])
        let table = try RoutingTableMessage(decoding: try #require(later.first).body)
        #expect(table.modules.count == 50)
        #expect(table.epoch == rig.core.epoch)
        rig.advance(milliseconds: 900)
        #expect(self.epochs(&rig, host).isEmpty)
    }

    @Test func aNewHostIsToldAtOnce() throws {
        var rig = try DispatcherRig("a")
        _ = rig.host(999)
        rig.hello("a", as: 1)
        rig.register(["shop/may_buy"], as: 1)
        rig.say(Header(kind: .ready), as: 1)
        rig.hello("other", .host, as: 1000)
        rig.say(Header(kind: .ready), as: 1000)
        #expect(self.epochs(&rig, 1000) == [rig.core.epoch])
    }
}
