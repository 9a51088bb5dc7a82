import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// What each kind of failure does, for each callback of the original.
///
/// Only errors and wrong answers have a rule in the original, whose modules cannot be late, lost, full or away. For these kinds the server
/// has to go on, as it does when no module is there.
struct GoldenFailureTests {
    @Test(arguments: GoldenCallback.every)
    func anErrorDoesWhatItDoesInTheOriginal(golden: GoldenCallback) throws {
        try self.expect(golden.raising, .moduleError, golden) { scene in try scene.suffer(.error) }
    }

    @Test(arguments: GoldenCallback.every)
    func aWrongAnswerDoesWhatItDoesInTheOriginal(golden: GoldenCallback) throws {
        for answer in golden.wrong.answers {
            try self.expect(golden.wrong.effect, .invalidResult, golden) { scene in try scene.answer("a", answer) }
        }
    }

    @Test(arguments: GoldenCallback.every, [GoldenScene.Mishap.timeout, .lost, .overloaded])
    func aModuleThatIsLateLostOrFullIsSkipped(golden: GoldenCallback, mishap: GoldenScene.Mishap) throws {
        try self.expect(.skipped, .timeout, golden) { scene in try scene.suffer(mishap) }
    }

    @Test(arguments: GoldenCallback.every)
    func nobodyAndNobodyThereAreTwoOutcomesWithTheDefault(golden: GoldenCallback) throws {
        var deserted = try GoldenScene(golden)
        deserted.leave("a")
        if !golden.isAtMostOneModule { deserted.leave("b") }
        deserted.call()
        try deserted.expectNoOpinion("none_up")

        var empty = try GoldenScene(golden, modules: [])
        empty.call()
        try empty.expectNoOpinion("none_registered")
    }

    private func expect(
        _ effect: GoldenCallback.Effect,
        _ code: BusFault.Code,
        _ golden: GoldenCallback,
        _ mishap: (inout GoldenScene) throws -> Void
    ) throws {
        var scene = try GoldenScene(golden)
        scene.call()
        if golden.isForAll { try scene.pass("b") }
        try mishap(&scene)
        switch effect {
        case .fails:
            #expect(!scene.isAsked("b"))
            try scene.expectFailure(code)
        case .decides(let result):
            #expect(!scene.isAsked("b"))
            try scene.expectDecision(result, by: "a")
        case .skipped:
            if !golden.isForAll, !golden.isForOne { try scene.pass("b") }
            try scene.expectNoOpinion()
        }
    }
}
