import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// How the answers of two modules become one, for each callback of the original.
struct GoldenCombineTests {
    @Test(arguments: GoldenCallback.every)
    func answersCombineAsInTheOriginal(golden: GoldenCallback) throws {
        switch golden.combine {
        case .firstDecision(let accepting, let deciding), .firstDecisionByKey(let accepting, let deciding):
            for answer in accepting { try self.aModuleThatAcceptsLeavesTheDecision(golden, answer, deciding) }
            for (answer, result) in deciding { try self.theFirstDecisionEndsTheChain(golden, answer, result) }
            try self.nobodyHasAnOpinion(golden)
        case .all: try self.allAreToldAtOnce(golden)
        case .firstModule(let answer, let others):
            try self.onlyTheFirstIsAsked(golden, answer)
            if others == .refused {
                #expect(try self.scene(golden) { try $0.refusalOfTheSecond() } == ["at_most_one_module"])
            }
        case .firstModuleScoped(let answer): try self.onlyTheFirstIsAsked(golden, answer)
        case .union(let one, let two, let both): try self.resultsAreUnited(golden, one, two, both)
        case .chainOfReplacements(let argument):
            try self.eachSeesWhatTheOneBeforeItMade(golden, argument)
            try self.aVetoEndsTheChain(golden)
            try self.nobodyHasAnOpinion(golden)
        }
    }

    private func scene<Value>(_ golden: GoldenCallback, _ play: (inout GoldenScene) throws -> Value) throws -> Value {
        var scene = try GoldenScene(golden)
        return try play(&scene)
    }

    private func aModuleThatAcceptsLeavesTheDecision(
        _ golden: GoldenCallback,
        _ answer: String,
        _ deciding: KeyValuePairs<String, String>
    ) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        #expect(!scene.isAsked("b"))
        try scene.answer("a", answer)
        let (decision, result) = try #require(deciding.first)
        try scene.answer("b", decision)
        try scene.expectDecision(result, by: "b")
    }

    private func theFirstDecisionEndsTheChain(_ golden: GoldenCallback, _ answer: String, _ result: String) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.answer("a", answer)
        #expect(!scene.isAsked("b"))
        try scene.expectDecision(result, by: "a")
    }

    private func nobodyHasAnOpinion(_ golden: GoldenCallback) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.pass("a")
        try scene.pass("b")
        try scene.expectNoOpinion()
    }

    private func allAreToldAtOnce(_ golden: GoldenCallback) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        #expect(scene.isAsked("a") && scene.isAsked("b"))
        try scene.answer("a", #"{"whatever":1}"#)
        try scene.pass("b")
        try scene.expectNoOpinion()
    }

    private func onlyTheFirstIsAsked(_ golden: GoldenCallback, _ answer: String) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        #expect(!scene.isAsked("b"))
        try scene.answer("a", answer)
        try scene.expectDecision(answer, by: "a")
        scene.call()
        try scene.pass("a")
        #expect(!scene.isAsked("b"))
        try scene.expectNoOpinion()
    }

    private func resultsAreUnited(_ golden: GoldenCallback, _ one: String, _ two: String, _ both: String) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.answer("a", one)
        try scene.answer("b", two)
        try scene.expectDecision(both, by: "")
        scene.call()
        try scene.pass("a")
        try scene.answer("b", two)
        try scene.expectDecision(two, by: "")
    }

    private func eachSeesWhatTheOneBeforeItMade(_ golden: GoldenCallback, _ argument: String) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.answer("a", #"[true,{"by":"a"}]"#)
        let (call, arguments) = try scene.arguments(of: "b")
        #expect(arguments[argument] == ["by": "a"])
        scene.answer("b", call, "[true,null]")
        try scene.expectDecision(#"[true,{"by":"a"}]"#, by: "a")
    }

    private func aVetoEndsTheChain(_ golden: GoldenCallback) throws {
        for veto in ["[false,null]", "false"] {
            var scene = try GoldenScene(golden)
            scene.call()
            try scene.answer("a", veto)
            #expect(!scene.isAsked("b"))
            try scene.expectDecision("[false,null]", by: "a")
            scene.call()
            try scene.answer("a", #"[true,{"by":"a"}]"#)
            try scene.answer("b", veto)
            try scene.expectDecision("[false,null]", by: "b")
        }
    }

    // MARK: What one callback does and no other

    @Test func theWordALLSwallowsTheUsersOfAllOthers() throws {
        let golden = try #require(GoldenCallback.every.first { $0.path == "presence_router/get_interested_users" })
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.answer("a", #""ALL""#)
        #expect(!scene.isAsked("b"))
        try scene.expectDecision(#""ALL""#, by: "")
        scene.call()
        try scene.answer("a", #"["@b:x"]"#)
        try scene.answer("b", #""ALL""#)
        try scene.expectDecision(#""ALL""#, by: "")
    }

    @Test func aResultIsReadUpToTheFirstUserWhoseStatesAreNone() throws {
        let golden = try #require(GoldenCallback.every.first { $0.path == "presence_router/get_users_for_states" })
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.answer("a", #"{"@b:x":["s"],"@c:x":5,"@d:x":["s"]}"#)
        try scene.answer("b", #"{"@e:x":["s"]}"#)
        try scene.expectDecision(#"{"@b:x":["s"],"@e:x":["s"]}"#, by: "")
    }

    @Test func aReplacementAloneIsTheFormOfTheOldestModules() throws {
        let golden = try #require(GoldenCallback.every.first { $0.path == "third_party_rules/check_event_allowed" })
        var scene = try GoldenScene(golden)
        scene.call()
        try scene.answer("a", #"{"by":"a"}"#)
        try scene.answer("b", "true")
        try scene.expectDecision(#"[true,{"by":"a"}]"#, by: "a")
    }
}
