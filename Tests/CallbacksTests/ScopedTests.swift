import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Callbacks that are entered and left.
struct ScopedTests {
    private static let visit = "callback/shop/visit"
    private static let enter: Payload = #"{"scope":"enter"}"#
    private static let question: Payload = #"{"customer":"ann"}"#

    private func exit(_ scope: String) -> Payload {
        JSONValue.object(["scope": "exit", "scope_id": .string(scope)]).encoded()
    }

    private func members(_ metadata: Payload?) throws -> JSONValue {
        try JSONValue(parsing: try #require(metadata))
    }

    /// A rig with a module at 1 that has let the host at 1000 in.
    private func entered() throws -> (rig: DispatcherRig, host: PeerID, scope: String) {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        rig.call(Self.visit, id: 1, metadata: Self.enter, body: Self.question, as: host)
        try rig.answer(.answer, "42", as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        let scope = try #require(self.members(reply.metadata)["scope_id"]?.string)
        return (rig, host, scope)
    }

    private func outcome(_ exit: Envelope) throws -> JSONValue? {
        try JSONValue(parsing: exit.body)["outcome"]
    }

    // MARK: The usual way

    @Test func enteringAnswersAValueAndNamesTheScopeToBothSides() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        let metadata: Payload = #"{"scope":"enter","traceparent":"t"}"#
        rig.call(Self.visit, metadata: metadata, body: Self.question, as: host)
        let call = try rig.takeOne(.call, for: 1)
        let asked = try self.members(call.metadata)
        #expect(asked["scope"] == "enter")
        #expect(asked["traceparent"] == "t")
        #expect(call.body == Self.question)
        rig.answer(call, .answer, "42", as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.body == "42")
        #expect(reply.header.target == "a")
        #expect(try self.members(reply.metadata)["scope_id"] == asked["scope_id"])
    }

    @Test func leavingReachesTheModuleOnceWithWhatTheCallerSays() throws {
        var (rig, host, scope) = try self.entered()
        let body: Payload = #"{"customer":"ann","outcome":{"status":"finished"}}"#
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), body: body, as: host)
        let call = try rig.takeOne(.call, for: 1)
        #expect(call.body == body)
        #expect(call.metadata == self.exit(scope))
        #expect(rig.take(.reply, for: host).isEmpty, "Whoever leaves waits until the module has left.")
        rig.answer(call, .continue, as: 1)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        rig.call(Self.visit, id: 3, metadata: self.exit(scope), body: body, as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        rig.advance(milliseconds: 1500)
        #expect(rig.core.scopes.count == 0)
    }

    @Test func ofSeveralReplicasTheOneThatEnteredLeaves() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        rig.module("a", ["shop/visit"], as: 2)
        let host = rig.host()
        for id in 1...4 as ClosedRange<UInt64> {
            rig.call(Self.visit, id: id, metadata: Self.enter, as: host)
            let entering = (1...2).compactMap { peer in
                rig.take(.call, for: PeerID(rawValue: peer)).first.map { (PeerID(rawValue: peer), $0) }
            }
            let (peer, call) = try #require(entering.first)
            rig.answer(call, .answer, "1", as: peer)
            let scope = try #require(self.members(rig.takeOne(.reply, for: host).metadata)["scope_id"]?.string)
            rig.call(Self.visit, id: id + 10, metadata: self.exit(scope), as: host)
            try rig.answer(.continue, as: peer)
            _ = rig.takeAll()
        }
    }

    @Test func noOpinionOpensNoScope() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        rig.call(Self.visit, metadata: Self.enter, as: host)
        try rig.answer(.continue, as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .continue)
        #expect(reply.body == "1")
        #expect(reply.metadata == nil)
        #expect(rig.core.scopes.count == 0)
    }

    @Test(arguments: [nil, "{}", #"{"scope":"in"}"#, "x"] as [Payload?])
    func whoSaysNeitherEnterNorExitIsToldSo(metadata: Payload?) throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        rig.call(Self.visit, metadata: metadata, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .badRequest)
        #expect(rig.take(.call, for: 1).isEmpty)
    }

    @Test(arguments: ["", "d1-99", "d0-1", "d1-x"])
    func leavingAScopeThatIsNotOpenHarmsNothing(scope: String) throws {
        var (rig, host, _) = try self.entered()
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.core.scopes.count == 1)
    }

    @Test func aScopeOfAnotherCallerCannotBeLeft() throws {
        var (rig, _, scope) = try self.entered()
        let other = rig.host(1001)
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: other)
        #expect(try rig.takeOne(.reply, for: other).status == .continue)
        #expect(rig.core.scopes.count == 1)
    }

    // MARK: Ends that nobody says

    @Test func aCallerThatDiesIsReportedToTheModuleOnce() throws {
        var (rig, host, scope) = try self.entered()
        rig.cannotSend(Header(kind: .ping), to: host, .unreachable)
        let call = try rig.takeOne(.call, for: 1)
        #expect(try self.members(call.metadata) == ["scope": "exit", "scope_id": .string(scope)])
        #expect(try self.outcome(call)?["status"] == "lost")
        #expect(try JSONValue(parsing: call.body)["customer"] == "ann")
        rig.answer(call, .continue, as: 1)
        rig.advance(milliseconds: 5500)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.core.scopes.count == 0)
    }

    @Test func aScopeThatNobodyLeavesEndsWithItsLease() throws {
        var (rig, host, scope) = try self.entered()
        for _ in 0..<10 {
            rig.advance(milliseconds: 500)
            for peer in [1, host] { rig.say(Header(kind: .pong), as: peer) }
        }
        let call = try rig.takeOne(.call, for: 1)
        #expect(try self.outcome(call)?["status"] == "lost")
        rig.answer(call, .continue, as: 1)
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(rig.take(.call, for: 1).isEmpty)
    }

    @Test func aModuleThatDiedDoesNotHoldUpWhoLeaves() throws {
        var (rig, host, scope) = try self.entered()
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        #expect(rig.core.scopes.count == 0)
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
    }

    @Test func aModuleThatDiesWhileItLeavesDoesNotHoldUpWhoLeaves() throws {
        var (rig, host, scope) = try self.entered()
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(rig.core.scopes.count == 0)
    }

    @Test func aModuleThatFailsToLeaveInTimeDoesNotHoldUpWhoLeaves() throws {
        var (rig, host, scope) = try self.entered()
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        rig.advance(milliseconds: 250)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        #expect(rig.core.scopes.count == 0)
    }

    @Test func aModuleThatDrainsLeavesItsScopesFirst() throws {
        var (rig, host, scope) = try self.entered()
        rig.say(Header(kind: .drain), as: 1)
        rig.say(Header(kind: .ping, callID: 3), as: 1)
        let heard = rig.takeAll().filter { $0.peer == 1 }.map(\.envelope.header.kind)
        #expect(heard == [.call, .pong], "After the PONG no call may come.")
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
    }

    @Test func aModuleThatEntersWhileItDrainsLeavesAtOnce() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        rig.call(Self.visit, metadata: Self.enter, body: Self.question, as: host)
        rig.say(Header(kind: .drain), as: 1)
        try rig.answer(.answer, "3", as: 1)
        #expect(try rig.takeOne(.reply, for: host).body == "3")
        let exit = try rig.takeOne(.call, for: 1)
        #expect(try self.members(exit.metadata)["scope"] == "exit")
        #expect(try self.outcome(exit)?["status"] == "lost")
    }

    @Test func anAnswerThatDidNotComeInTimeIsFollowedByAnExit() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        rig.call(Self.visit, metadata: Self.enter, body: Self.question, as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.advance(milliseconds: 250)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        let heard = rig.takeAll().filter { $0.peer == 1 }.map(\.envelope)
        #expect(heard.map(\.header.kind) == [.cancel, .call])
        #expect(try self.members(heard[1].metadata)["scope_id"] == self.members(call.metadata)["scope_id"])
        #expect(try self.outcome(heard[1])?["status"] == "lost")
    }

    @Test func aCallerThatCancelsItsEnteringIsFollowedByAnExit() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], as: 1)
        let host = rig.host()
        rig.call(Self.visit, id: 5, metadata: Self.enter, body: Self.question, as: host)
        _ = try rig.takeOne(.call, for: 1)
        rig.say(Header(kind: .cancel, callID: 5), as: host)
        #expect(rig.takeAll().filter { $0.peer == 1 }.map(\.envelope.header.kind) == [.cancel, .call])
    }

    @Test func aCallerThatDiesWhileItLeavesChangesNothingForTheModule() throws {
        var (rig, host, scope) = try self.entered()
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.cannotSend(Header(kind: .ping), to: host, .unreachable)
        #expect(rig.takeAll().filter { $0.peer == 1 }.map(\.envelope.header.kind) == [])
        rig.answer(call, .continue, as: 1)
        #expect(rig.core.scopes.count == 0)
        #expect(rig.core.steps.count == 0)
    }

    @Test func anExitThatDidNotLeaveIsSentAgain() throws {
        var (rig, host, scope) = try self.entered()
        let body: Payload = #"{"outcome":{"status":"finished"}}"#
        rig.call(Self.visit, id: 2, metadata: self.exit(scope), body: body, as: host)
        let call = try rig.takeOne(.call, for: 1)
        rig.cannotSend(call.header, to: 1, .congested)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
        rig.advance(milliseconds: 1000)
        let again = try rig.takeOne(.call, for: 1)
        #expect(again.body == body)
        rig.answer(again, .continue, as: 1)
        #expect(rig.core.scopes.count == 0)
    }

    @Test func leavingNeedsNoRoom() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/visit"], concurrency: 1, as: 1)
        let host = rig.host()
        rig.call(Self.visit, id: 1, metadata: Self.enter, as: host)
        try rig.answer(.answer, "42", as: 1)
        let scope = try #require(self.members(rig.takeOne(.reply, for: host).metadata)["scope_id"]?.string)
        rig.call(Self.visit, id: 2, metadata: Self.enter, as: host)
        let second = try rig.takeOne(.call, for: 1)
        rig.call(Self.visit, id: 3, metadata: self.exit(scope), as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        rig.answer(second, .continue, as: 1)
    }

    // MARK: The controller of background updates

    private static let onUpdate = "callback/background_update_controller/on_update"

    @Test func aSecondControllerIsNotAskedAndBothItAndTheOperatorLearnWhy() throws {
        var rig = try DispatcherRig("first", "second")
        rig.hello("second", as: 2)
        rig.register(["background_update_controller/on_update"], as: 2)
        _ = rig.takeAll()
        rig.module("first", ["background_update_controller/on_update"], as: 1)
        rig.hello("second", as: 2)
        rig.register(["background_update_controller/on_update"], as: 2)
        let granted = try Registered(decoding: rig.takeOne(.registered, for: 2).body)
        #expect(granted.callbacks.isEmpty)
        #expect(granted.warnings.map(\.code) == ["callback_taken"])
        #expect(granted.warnings[0].message.contains("'first'"))
        let host = rig.host()
        let second = try rig.admin("modules", as: host)["modules"]?.array?[1]
        #expect(second?["state"] == "registered")
        #expect(second?["warnings"]?.array?[0]["code"] == "callback_taken")
        rig.say(Header(kind: .ready), as: 2)
        rig.call(Self.onUpdate, metadata: Self.enter, as: host)
        #expect(rig.take(.call, for: 2).isEmpty)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test(arguments: [
        ("100", true), (#"{"duration_ms":100,"sleep_ms":500}"#, true), (#"{"wait_ms":30000,"reason":"busy"}"#, true),
        (#""soon""#, false), ("{}", false),
    ])
    func aControllerAnswersANumberOrAnObject(answer: Payload, isValid: Bool) throws {
        var rig = try DispatcherRig("pacer")
        rig.module("pacer", ["background_update_controller/on_update"], as: 1)
        let host = rig.host()
        rig.call(Self.onUpdate, metadata: Self.enter, as: host)
        try rig.answer(.answer, answer, as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == (isValid ? .answer : .error))
        #expect(rig.take(.call, for: 1).isEmpty == isValid, "What was answered wrongly is left at once.")
    }
}
