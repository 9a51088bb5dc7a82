import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// A budget for the whole, a deadline for each step, and what is left on the way.
struct TimeTests {
    @Test func theOperatorsBudgetBoundsChainsAndNoCallToOneModule() throws {
        var rig = try DispatcherRig("a") { $0.budgetMillisecondsMax = 200 }
        rig.module("a", ["shop/may_buy"], methods: ["rebuild"], as: 1)
        let host = rig.host()
        rig.call("callback/shop/may_buy", id: 1, budget: 30_000, as: host)
        rig.call("method/a/rebuild", id: 2, budget: 30_000, as: host)
        let calls = rig.take(.call, for: 1)
        #expect(calls.map(\.header.budgetMilliseconds) == [190, 29_975])
        rig.advance(milliseconds: 200)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .timeout)
        rig.advance(milliseconds: 1000)
        rig.say(Header(kind: .pong), as: 1)
        rig.answer(calls[1], .answer, "1", as: 1)
        #expect(try rig.takeOne(.reply, for: host).body == "1")
    }

    @Test func eachModuleIsToldToStopAtItsOwnDeadlineAndGetsWhatIsLeft() throws {
        var rig = try DispatcherRig((1...3).map { .init(id: "m\($0)") }) { configuration in
            var override = PolicyOverride(CallbackPattern("third_party_rules/*"))
            override.deadlineMilliseconds = 300
            configuration.catalogue = configuration.catalogue.overridden(by: [override])
        }
        let path = "third_party_rules/check_can_deactivate_user"
        for index in 1...3 as ClosedRange<UInt32> { rig.module("m\(index)", [path], as: PeerID(rawValue: index)) }
        let host = rig.host()
        let start = rig.now
        rig.call("callback/\(path)", budget: 800, as: host)
        rig.advance(milliseconds: 800)
        let sent = rig.takeAll().filter { [.call, .cancel].contains($0.envelope.header.kind) }
        let log = sent.map { sent in
            "\(sent.peer.rawValue) \(sent.envelope.header.kind) \(sent.time.millisecondsSince(start))"
        }
        #expect(
            log == [
                "1 call 0", "1 cancel 300", "2 call 300", "2 cancel 600", "3 call 600", "3 cancel 775",
            ]
        )
        let budgets = sent.filter { $0.envelope.header.kind == .call }.map(\.envelope.header.budgetMilliseconds)
        #expect(budgets == [300, 300, 175])
    }
}
