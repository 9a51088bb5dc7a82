import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Calls that are made again at another replica, and calls that are not made at all.
struct RetryTests {
    static let path = "shop/may_buy"
    static let target = "callback/shop/may_buy"

    private func rig(percent: Int = 20, idempotent: Bool = true) throws -> DispatcherRig {
        var rig = try DispatcherRig("a") { configuration in
            configuration.retryPercent = percent
            let index = configuration.catalogue.index(of: Self.path) ?? 0
            configuration.catalogue.change(index) { $0.isIdempotent = idempotent }
        }
        for peer in [1, 2] as [PeerID] { rig.module("a", [Self.path], as: peer) }
        return rig
    }

    /// The replica that has the call, the other one, and the call.
    private func asked(_ rig: inout DispatcherRig) throws -> (PeerID, PeerID, Envelope) {
        if let call = rig.take(.call, for: 1).first { return (1, 2, call) }
        return (2, 1, try rig.takeOne(.call, for: 2))
    }

    @Test func whatIsLostIsAskedOfAnotherReplica() throws {
        var rig = try self.rig()
        let host = rig.host()
        rig.call(Self.target, explain: true, as: host)
        let (first, second, _) = try self.asked(&rig)
        rig.advance(milliseconds: 300)
        rig.cannotSend(Header(kind: .ping), to: first, .unreachable)
        #expect(rig.take(.reply, for: host).isEmpty)
        let call = try rig.takeOne(.call, for: second)
        #expect(call.header.budgetMilliseconds == 675)
        rig.answer(call, .answer, "\"deny\"", as: second)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.body == "\"deny\"")
        let steps = try JSONValue(parsing: try #require(reply.metadata))["steps"]?.array
        #expect(steps?.compactMap { $0["verdict"]?.string } == ["lost", "answer"])
        let counters = try rig.admin("modules", as: host)["modules"]?.array?[0]["counters"]?[Self.path]
        #expect(counters?["retries"] == 1)
        #expect(counters?["lost"] == 0)
    }

    @Test func whoIsOverloadedIsNotAskedAgain() throws {
        var rig = try self.rig()
        let host = rig.host()
        rig.call(Self.target, as: host)
        let (first, second, call) = try self.asked(&rig)
        rig.answer(call, .overloaded, BusFault(.overloaded, "").encoded(), as: first)
        #expect(rig.take(.call, for: first).isEmpty)
        try rig.answer(.answer, "\"deny\"", as: second)
        #expect(try rig.takeOne(.reply, for: host).body == "\"deny\"")
    }

    @Test func aCallThatMayNotBeMadeTwiceIsLost() throws {
        var rig = try self.rig(idempotent: false)
        let host = rig.host()
        rig.call(Self.target, as: host)
        let (first, second, _) = try self.asked(&rig)
        rig.cannotSend(Header(kind: .ping), to: first, .unreachable)
        #expect(rig.take(.call, for: second).isEmpty)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .lost)
    }

    @Test func anErrorIsAnAnswerAndNoReasonToTryAgain() throws {
        var rig = try self.rig()
        let host = rig.host()
        rig.call(Self.target, as: host)
        let (first, _, call) = try self.asked(&rig)
        rig.answer(call, .error, BusFault(.moduleError, "no").encoded(), as: first)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .moduleError)
    }

    @Test func aStormOfFailuresIsNotDoubled() throws {
        var rig = try self.rig()
        let host = rig.host()
        var calls = 0
        for id in 1...200 as ClosedRange<UInt64> {
            rig.call(Self.target, id: id, as: host)
            for _ in 0..<3 {
                for peer in [1, 2] as [PeerID] {
                    for call in rig.take(.call, for: peer) {
                        calls += 1
                        rig.answer(call, .overloaded, BusFault(.overloaded, "").encoded(), as: peer)
                    }
                }
            }
        }
        #expect(rig.take(.reply, for: host).count == 200)
        #expect((201...260).contains(calls))
    }

    // MARK: Circuits

    /// Lets calls of a module with one replica fail for a second and a half.
    private func fail(_ rig: inout DispatcherRig, _ host: PeerID) {
        for id in 1...15 as ClosedRange<UInt64> {
            rig.call(Self.target, id: id, as: host)
            for call in rig.take(.call, for: 1) {
                rig.answer(call, .error, BusFault(.moduleError, "no").encoded(), as: 1)
            }
            rig.advance(milliseconds: 100)
            rig.say(Header(kind: .pong), as: host)
        }
    }

    @Test func anOpenCircuitRepeatsTheFailureWithoutACall() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.fail(&rig, host)
        let replies = rig.take(.reply, for: host)
        #expect(replies.count == 15)
        #expect(try replies.allSatisfy { try $0.fault().code == .moduleError })
        #expect(rig.logged.contains("circuit opened: the module fails too often"))
        let module = try rig.admin("modules", as: host)["modules"]?.array?[0]
        #expect(module?["counters"]?[Self.path]?["short_circuits"] == 4)
        #expect(module?["circuits"] == [Self.path: ["open": true, "failure": "error", "openings": 1]])
    }

    @Test func aTrialThatSucceedsClosesTheCircuit() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], as: 1)
        let host = rig.host()
        self.fail(&rig, host)
        _ = rig.take(.reply, for: host)
        rig.advance(milliseconds: 800)
        rig.call(Self.target, id: 50, as: host)
        rig.call(Self.target, id: 51, as: host)
        try rig.answer(.answer, "\"deny\"", as: 1)
        let replies = rig.take(.reply, for: host)
        #expect(replies.map(\.header.callID) == [51, 50])
        #expect(replies.map(\.status) == [.error, .answer])
        rig.call(Self.target, id: 52, as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        #expect(rig.logged.contains("circuit closed: the module answers again"))
    }
}
