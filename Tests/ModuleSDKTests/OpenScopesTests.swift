import Testing
import WireProtocol

@testable import ModuleSDK

struct OpenScopesTests {
    private func call(_ body: Payload = #"{"a":1}"#) -> CallbackCall {
        CallbackCall(category: "shop", name: "visit", body: body, budget: .seconds(1), scope: "s")
    }

    @Test func anExitDuringEnteringIsDoneWhenItWasEntered() {
        var scopes = OpenScopes()
        #expect(scopes.enter("s", self.call()) == true)
        #expect(scopes.leave("s", self.call("{}")) == false)
        #expect(scopes.leave("s", self.call("{}")) == false)
        let exit = scopes.entered("s", true)
        #expect(exit?.body == "{}")
        #expect(scopes.isEmpty)
    }

    @Test func anExitDuringEnteringIsForgottenWhenItWasNotEntered() {
        var scopes = OpenScopes()
        #expect(scopes.enter("s", self.call()) == true)
        #expect(scopes.leave("s", self.call()) == false)
        #expect(scopes.entered("s", false) == nil)
        #expect(scopes.isEmpty)
    }

    @Test func oneScopeIsEnteredOnce() {
        var scopes = OpenScopes()
        #expect(scopes.enter("s", self.call()) == true)
        #expect(scopes.enter("s", self.call()) == false)
    }

    @Test func theEndOfAConnectionLeavesEverything() throws {
        var scopes = OpenScopes()
        for scope in ["a", "b"] {
            #expect(scopes.enter(scope, self.call()) == true)
        }
        #expect(scopes.entered("a", true) == nil)
        let left = scopes.leaveAll(because: "it ended")
        #expect(left.count == 1)
        let arguments = try JSONValue(parsing: left[0].body)
        #expect(arguments["a"] == 1)
        #expect(arguments["outcome"] == ["status": "lost", "error": "it ended"])
        let exit = scopes.entered("b", true)
        let late = try #require(exit)
        #expect(try JSONValue(parsing: late.body)["outcome"]?["status"] == "lost")
        let again = scopes.leaveAll(because: "again")
        #expect(again.isEmpty)
    }

    @Test func onlySoManyExitsOfUnknownScopesAreRemembered() {
        var scopes = OpenScopes()
        for number in 0..<300 { #expect(scopes.leave("\(number)", self.call()) == false) }
        #expect(scopes.enter("0", self.call()) == true)
        #expect(scopes.enter("299", self.call()) == false)
    }
}
