import ModuleSDK
import ModuleTestKit
import Testing
import WireProtocol

/// A module that needs others, has bounds, and can take itself out.
private struct Dependent: Module {
    let api: ModuleAPI

    init(configuration: NoConfiguration, api: ModuleAPI) {
        self.api = api
        api.require("directory", methods: "find_user", "status")
        api.require("link-guard")
        api.limitConcurrency(to: 8)
        api.registerSpamCheckerCallbacks(
            checkEventForSpam: { _ in .notSpam },
            filter: ArgumentFilter(.argument("event", "type", is: "m.room.member"))
        )
        api.registerMethod("rest") { _ in
            api.disable(because: "tired")
            return .null
        }
        api.disable(because: "the list is not loaded")
    }

    func start() async throws {
        self.api.enable()
    }
}

struct ReadinessTests {
    @Test func whatAModuleDeclaresIsInItsManifest() async throws {
        let manifest = try await InMemoryBus.start(Dependent.self).manifest
        #expect(
            manifest.requires == [
                RequirementClaim(module: "directory", method: "find_user"),
                RequirementClaim(module: "directory", method: "status"), RequirementClaim(module: "link-guard"),
            ]
        )
        #expect(manifest.concurrency == 8)
        #expect(manifest.callbacks.first?.filter == ["event.type": "m.room.member"])
    }

    @Test func aModuleThatDisablesItselfIsNotAsked() async throws {
        let platform = ScriptedPlatform()
        let bus = try await InMemoryBus.start(Dependent.self, host: platform)
        // It was disabled while it was built, and enabled itself when it started.
        #expect(platform.disabledBecause == nil)
        #expect(try await bus.callMethod("rest") == .null)
        #expect(platform.disabledBecause == "tired")
        let fault = await #expect(throws: BusFault.self) {
            try await bus.ask("spam_checker", "check_event_for_spam", ["event": ["type": "m.room.member"]])
        }
        #expect(fault?.code == .noneUp)
    }
}
