import MessageBus
import Testing
import WireProtocol

/// What a module learns of losing what it had registered.
struct WithdrawalTests {
    @Test func aModuleThatTakesNoMoreWhileItIsWithdrawnIsToldLater() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("b", ["shop/single"], as: 2)
        rig.hello("a", as: 1)
        rig.register(["shop/single"], as: 1)
        let refusal = try rig.takeOne(.refused, for: 2)
        rig.cannotSend(Header(kind: .refused), to: 2, .congested)
        #expect(rig.take(.refused, for: 2).isEmpty)
        rig.advance(milliseconds: 1100)
        #expect(try rig.takeOne(.refused, for: 2) == refusal)
        rig.advance(milliseconds: 3000)
        #expect(rig.take(.refused, for: 2).isEmpty)
    }
}
