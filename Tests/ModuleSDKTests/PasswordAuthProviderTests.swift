import ModuleSDK
import ModuleTestKit
import Testing
import WireProtocol

/// A module that checks passwords, on a bus in memory.
struct PasswordAuthProviderTests {
    private struct Provider: Module {
        init(configuration: NoConfiguration, api: ModuleAPI) {
            api.registerPasswordAuthProviderCallbacks(
                authCheckers: [
                    AuthChecker("m.login.password", fields: ["password"]) { username, _, fields in
                        fields["password"] == "secret" ? Login(userID: "@\(username):x", token: "t1") : nil
                    },
                    AuthChecker("com.example.badge", fields: []) { username, _, _ in Login(userID: "@\(username):x") },
                ],
                check3PIDAuth: { _, address, _ in address == "a@x" ? Login(userID: "@a:x") : nil },
                onLoggedOut: { _, _, _ in },
                postLogin: { token, response in
                    guard token == "t1", response["user_id"] != nil else { throw BusFault(.notFound, "no such login") }
                }
            )
        }
    }

    private func check(_ type: String, _ fields: JSONObject) async throws -> CallbackAnswer {
        let bus = try await InMemoryBus.start(Provider.self)
        let arguments: JSONObject = ["username": "a", "login_type": .string(type), "login_dict": .object(fields)]
        return try await bus.ask("password_auth_provider", "auth_checkers", arguments)
    }

    @Test func theCheckerOfTheLoginTypeIsAsked() async throws {
        #expect(try await self.check("m.login.password", ["password": "secret"]) == .result(["@a:x", "t1"]))
        #expect(try await self.check("m.login.password", ["password": "wrong"]) == .noOpinion)
        #expect(try await self.check("com.example.badge", [:]) == .result(["@a:x", nil]))
        #expect(try await self.check("m.login.sso", [:]) == .noOpinion)
    }

    @Test func theManifestHasTheLoginTypesWithTheirFields() async throws {
        let bus = try await InMemoryBus.start(Provider.self)
        let claim = try #require(bus.manifest.callbacks.first { $0.name == "auth_checkers" })
        #expect(
            claim.keys == [
                KeyClaim(key: "m.login.password", fields: ["password"]), KeyClaim(key: "com.example.badge"),
            ]
        )
        #expect(bus.manifest.methods.map(\.name) == ["post_login"])
    }

    @Test func theTokenComesBackBeforeTheResponseIsSent() async throws {
        let bus = try await InMemoryBus.start(Provider.self)
        let answer = try await bus.callMethod("post_login", ["token": "t1", "response": ["user_id": "@a:x"]])
        #expect(answer == .null)
        await #expect(throws: BusFault.self) {
            try await bus.callMethod("post_login", ["token": "t2", "response": [:]])
        }
    }

    @Test func theOtherQuestionsOfTheCategory() async throws {
        let bus = try await InMemoryBus.start(Provider.self)
        let category = "password_auth_provider"
        let arguments: JSONObject = ["medium": "email", "address": "a@x", "password": "p"]
        #expect(try await bus.ask(category, "check_3pid_auth", arguments) == .result(["@a:x", nil]))
        let out: JSONObject = ["user_id": "@a:x", "device_id": nil, "access_token": "t"]
        #expect(try await bus.ask(category, "on_logged_out", out) == .noOpinion)
    }
}
