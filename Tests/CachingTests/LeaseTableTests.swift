import Glibc
import MessageBus
import SeededRandom
import Testing

@testable import Caching

struct LeaseTableTests {
    private static let start = MonotonicTime(nanoseconds: 1_000_000_000)
    private static let leaseTime = Duration.seconds(10)

    private static func caller(_ peer: UInt32, _ callID: UInt64) -> CacheCaller {
        CacheCaller(peer: PeerID(rawValue: peer), callID: callID, deadline: Self.start + .seconds(60))
    }

    /// Waiters are a list here, which is searched; those who left keep their places in it.
    private struct Model {
        struct Waiter {
            var key: String
            var peer: PeerID
            /// `nil` for one that left.
            var name: CallName?
        }

        var holders: [String: PeerID] = [:]
        var tokens: [String: UInt64] = [:]
        var list: [Waiter] = []

        var waiting: [(key: String, name: CallName)] {
            self.list.compactMap { waiter in waiter.name.map { (waiter.key, $0) } }
        }

        func waiters(of key: String) -> [CallName] { self.waiting.filter { $0.key == key }.map(\.name) }

        mutating func give(_ key: String, to peer: PeerID) {
            self.holders[key] = peer
            self.list.removeAll { $0.key == key && $0.peer == peer && $0.name == nil }
        }

        mutating func wait(_ caller: CacheCaller, for key: String) {
            guard self.holders[key] != nil else { return }
            self.leave(caller.name)
            if let place = self.list.firstIndex(where: { $0.key == key && $0.peer == caller.peer && $0.name == nil }) {
                self.list[place].name = caller.name
            } else {
                self.list.append(Waiter(key: key, peer: caller.peer, name: caller.name))
            }
        }

        /// A connection keeps the first of the places that it left.
        mutating func leave(_ name: CallName) {
            guard let place = self.list.firstIndex(where: { $0.name == name }) else { return }
            let key = self.list[place].key
            self.list[place].name = nil
            let places = self.list.indices.filter {
                self.list[$0].key == key && self.list[$0].peer == name.peer && self.list[$0].name == nil
            }
            for place in places.dropFirst().reversed() { self.list.remove(at: place) }
        }

        mutating func end(_ key: String) {
            self.holders[key] = nil
            self.list.removeAll { $0.key == key }
        }
    }

    private static func expectInStep(_ table: LeaseTable, _ model: Model) {
        #expect(Set(table.leases.keys) == Set(model.holders.keys))
        for (key, lease) in table.leases {
            #expect(lease.holder == model.holders[key])
            #expect(lease.waiters.map(\.caller.name) == model.waiters(of: key))
            #expect(lease.waiting.allSatisfy { $0 == $1.caller.name })
            #expect(Set(lease.left.keys) == Set(model.list.filter { $0.key == key && $0.name == nil }.map(\.peer)))
        }
        #expect(table.waiterCount == model.waiting.count)
        for (key, name) in model.waiting { #expect(table.keys[name] == key) }
        #expect(table.leftCount == model.list.count - model.waiting.count)
    }

    @Test(arguments: 1...20)
    func whoWaitsForWhatStaysInStepWithTheLeases(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var table = LeaseTable(leftMax: 100)
        var model = Model()
        var now = Self.start
        for step in 0..<400 {
            let key = "k\(Int.random(in: 0..<6, using: &random))"
            let peer = UInt32.random(in: 1...4, using: &random)
            // Now and then a name is used a second time.
            let callID = UInt64.random(in: 0..<30, using: &random) == 0 ? 1 : UInt64(step + 2)
            let caller = Self.caller(peer, callID)
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<3:
                let end = now + Self.leaseTime
                model.tokens[key] = table.give(key, to: caller.peer, asof: 0, tags: [], until: end)
                model.give(key, to: caller.peer)
            case 3..<12:
                table.wait(caller, for: key)
                model.wait(caller, for: key)
            case 12..<15:
                let name = model.waiting.randomElement(using: &random)?.name ?? caller.name
                table.removeWaiter(name)
                model.leave(name)
            case 15:
                #expect(table.takeWaiters(of: key).map(\.name) == model.waiters(of: key))
                model.list.removeAll { $0.key == key && $0.name != nil }
            case 16:
                let ended = table.end(key, token: model.tokens[key] ?? 0)
                #expect(ended?.waiters.map(\.caller.name) ?? [] == model.waiters(of: key))
                model.end(key)
            case 17, 18:
                now = now + .seconds(1)
                for (key, _) in table.expire(upTo: now) { model.end(key) }
            default:
                model.list.removeAll { $0.peer == caller.peer }
                let ended = table.removeAll(of: caller.peer).map(\.key)
                #expect(Set(ended) == Set(model.holders.filter { $0.value == caller.peer }.keys))
                for key in ended { model.end(key) }
            }
            Self.expectInStep(table, model)
        }
    }

    @Test func thePlacesThatAreKeptForThoseWhoLeftAreBounded() {
        var table = LeaseTable(leftMax: 3)
        let token = table.give("k", to: PeerID(rawValue: 1), asof: 0, tags: [], until: Self.start)
        for peer in 2..<10 as Range<UInt32> {
            let caller = Self.caller(peer, 1)
            table.wait(caller, for: "k")
            table.removeWaiter(caller.name)
        }
        #expect(table["k"]?.left.count == 3)
        #expect(table.end("k", token: token) != nil)
        #expect(table.leftCount == 0)
    }

    /// A table that looks through its leases takes ten thousand times as long.
    @Test func aCallThatGivesUpAmongManyOthersTakesAsLongAsAmongFew() {
        let few = Self.timeToGiveUp(others: 1)
        let many = Self.timeToGiveUp(others: 10_000)
        #expect(many < few * 50)
    }

    /// What a thousand calls that wait and give up cost this thread, while others wait for loads of their own.
    private static func timeToGiveUp(others: UInt64) -> Duration {
        var table = LeaseTable(leftMax: 100)
        for other in 0..<others {
            _ = table.give("k\(other)", to: PeerID(rawValue: 1), asof: 0, tags: [], until: Self.start)
            table.wait(Self.caller(2, other), for: "k\(other)")
        }
        let start = Self.threadTime()
        for call in 0..<1000 {
            let caller = Self.caller(3, UInt64(call))
            table.wait(caller, for: "k0")
            table.removeWaiter(caller.name)
        }
        let end = Self.threadTime()
        #expect(table.waiterCount == Int(others))
        return end - start
    }

    /// The time that this thread has computed: what other programs take does not count.
    private static func threadTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
