import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct FilterTests {
    private static let news = "third_party_rules/on_new_event"
    private static let members: JSONValue = ["event.type": "m.room.member"]
    private static let membership: Payload = "{\"event\":{\"type\":\"m.room.member\"}}"
    private static let message: Payload = "{\"event\":{\"type\":\"m.room.message\"}}"

    private static func counter(
        _ name: String,
        of module: Int,
        _ rig: inout DispatcherRig,
        _ host: PeerID
    ) throws
        -> Int64
    {
        let modules = try rig.admin("modules", as: host)["modules"]?.array
        return modules?[module]["counters"]?[ChainTests.spam]?[name]?.integer ?? 0
    }

    @Test func aModuleIsNotAskedAboutWhatDoesNotConcernIt() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [ChainTests.spam], filter: Self.members, as: 1)
        rig.module("b", [ChainTests.spam], as: 2)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, explain: true, body: Self.message, as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 2)
        let reply = try rig.takeOne(.reply, for: host)
        let steps = try JSONValue(parsing: try #require(reply.metadata))["steps"]?.array
        #expect(steps?.map { $0["verdict"] } == ["filtered", "answer"])
        #expect(try Self.counter("filtered", of: 0, &rig, host) == 1)
        #expect(try Self.counter("calls", of: 0, &rig, host) == 0)
    }

    @Test func aModuleIsAskedAboutWhatConcernsIt() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], filter: Self.members, as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, body: Self.membership, as: host)
        try rig.answer(.answer, "\"M_FORBIDDEN\"", as: 1)
        #expect(try rig.takeOne(.reply, for: host).header.target == "a")
    }

    @Test func whoIsDownAndNotConcernedDoesNotMatter() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], filter: Self.members, as: 1)
        let host = rig.host()
        rig.say(Header(kind: .drain), as: 1)
        rig.call(ChainTests.spamTarget, explain: true, body: Self.message, as: host)
        let outcome = try JSONValue(parsing: try #require(try rig.takeOne(.reply, for: host).metadata))["outcome"]
        #expect(outcome == "continue")
        rig.call(ChainTests.spamTarget, explain: true, body: Self.membership, as: host)
        let other = try JSONValue(parsing: try #require(try rig.takeOne(.reply, for: host).metadata))["outcome"]
        #expect(other == "none_up")
    }

    @Test func whomACallDoesNotConcernDecidesNothingWhenTheOthersAreDown() throws {
        var configuration = DispatcherConfiguration.Module(id: "a")
        configuration.overrides = [
            PolicyOverride(
                CallbackPattern("*"),
                failures: [.init(kind: "none_up", action: .fail, keyPath: "")]
            )
        ]
        var rig = try DispatcherRig([configuration, .init(id: "b")])
        rig.module("a", [ChainTests.spam], filter: Self.members, as: 1)
        rig.module("b", [ChainTests.spam], as: 2)
        let host = rig.host()
        rig.say(Header(kind: .drain), as: 2)
        rig.call(ChainTests.spamTarget, explain: true, body: Self.message, as: host)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.header.flags.status == .continue)
        #expect(try Self.counter("filtered", of: 0, &rig, host) == 1)
        #expect(try Self.counter("none_up", of: 0, &rig, host) == 0)
        #expect(try Self.counter("none_up", of: 1, &rig, host) == 1)
    }

    @Test func newsIsToldToThoseWhomItConcerns() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.news], filter: Self.members, as: 1)
        rig.module("b", [Self.news], as: 2)
        let host = rig.host()
        rig.call("callback/\(Self.news)", body: Self.message, as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        try rig.answer(.continue, as: 2)
        #expect(rig.take(.reply, for: host).count == 1)
    }

    @Test func aPureMemberThatIsNotConcernedIsLeftOut() throws {
        var rig = try DispatcherRig("a", "b", "c")
        rig.module("a", [ChainTests.spam], pure: true, as: 1)
        rig.module("b", [ChainTests.spam], pure: true, filter: Self.members, as: 2)
        rig.module("c", [ChainTests.spam], pure: true, as: 3)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, explain: true, body: Self.message, as: host)
        #expect(rig.take(.call, for: 2).isEmpty)
        try rig.answer(.continue, as: 3)
        try rig.answer(.continue, as: 1)
        let reply = try rig.takeOne(.reply, for: host)
        let steps = try JSONValue(parsing: try #require(reply.metadata))["steps"]?.array
        #expect(steps?.map { $0["verdict"] } == ["continue", "filtered", "continue"])
    }

    @Test func aReplacedArgumentIsLookedAtAgain() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [AmendTests.allowed], as: 1)
        rig.module("b", [AmendTests.allowed], filter: Self.members, as: 2)
        let host = rig.host()
        rig.call("callback/\(AmendTests.allowed)", body: Self.message, as: host)
        try rig.answer(.answer, "[true,{\"type\":\"m.room.member\"}]", as: 1)
        #expect(rig.take(.call, for: 2).count == 1)
    }

    @Test func argumentsThatCannotBeReadAreEverybodysConcern() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], filter: Self.members, as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, body: "{ nonsense }", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func ofReplicasWithDifferentFiltersOneThatIsConcernedIsAsked() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], filter: Self.members, as: 1)
        rig.module("a", [ChainTests.spam], filter: ["event.type": "m.room.message"], as: 2)
        let host = rig.host()
        for _ in 0..<3 {
            rig.call(ChainTests.spamTarget, body: Self.message, as: host)
            #expect(rig.take(.call, for: 1).isEmpty)
            try rig.answer(.continue, as: 2)
        }
        rig.call(ChainTests.spamTarget, body: "{\"event\":{\"type\":\"x\"}}", as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.call, for: 2).isEmpty)
    }

    @Test(arguments: [
        ("{\"event.type\":{\"suffix\":\"x\"}}", "there is no test `suffix`"),
        ("{\"evnt.type\":\"x\"}", "has no argument `evnt`; did you mean `event`?"),
    ])
    func aFilterThatCannotBeAppliedRefusesTheRegistration(filter: String, message: String) throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register([ChainTests.spam], filter: try JSONValue(parsing: filter), as: 1)
        let refusal = try Refusal(decoding: try rig.takeOne(.refused, for: 1).body)
        #expect(refusal.reasons.map(\.code) == ["invalid_filter"])
        #expect(refusal.reasons.map(\.item) == ["callbacks[0].filter"])
        #expect(refusal.reasons.first?.message.contains(message) == true)
    }

}
