import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// What modules claim and do not get: each is told why, and so is the operator.
    @Suite(.timeLimit(.minutes(2)))
    struct ConflictTests {
        @Test func theModuleThatStandsFirstGetsThePathAndTheOtherIsWarned() async throws {
            let modules = """
                  - module: first
                  - module: second
                """
            try await TestPlatform.run(modules: modules, waitingFor: .gateway) { platform in
                let claim = RouteClaim(path: "/shared/path")
                // The one that stands second arrives first.
                let second = try await TestModule.join(platform, as: "second", Manifest(routes: [claim]))
                #expect(try second.registered().routes == ["/shared/path"])
                let first = try await TestModule.join(platform, as: "first", Manifest(routes: [claim]))
                #expect(try first.registered().routes == ["/shared/path"])
                try await eventually("the operator sees the warning", within: .seconds(5)) {
                    try await !(platform.module("second")["warnings"]?.array ?? []).isEmpty
                }
                let answer = try await platform.get("/shared/path")
                #expect(answer.body == "first")
                try await first.leave()
                try await eventually("the other takes over", within: .seconds(5)) {
                    try await platform.get("/shared/path").body == "second"
                }
                try await second.leave()
            }
        }

        static let refusals: [(String, Manifest)] = [
            ("reserved_path", Manifest(routes: [RouteClaim(path: "/_matrix/client/v3/x")])),
            ("reserved_path", Manifest(routes: [RouteClaim(path: "/_ganglion/health")])),
            ("invalid_path", Manifest(routes: [RouteClaim(path: "no/slash")])),
            ("unknown_callback", Manifest(callbacks: [CallbackClaim(category: "spam_checker", name: "check_event")])),
            ("unknown_callback", Manifest(callbacks: [CallbackClaim(category: "nonsense", name: "x")])),
            ("duplicate", Manifest(routes: [RouteClaim(path: "/a"), RouteClaim(path: "/a")])),
            ("not_allowed", Manifest(routes: [RouteClaim(path: "/forbidden")])),
        ]

        @Test func aClaimThatCannotBeGrantedRefusesTheWholeManifestWithItsReason() async throws {
            let modules = """
                  - module: claimant
                    allow: { routes: ["/_modules/claimant", "/a", "/_matrix", "/_ganglion"], callbacks: ["*"] }
                """
            try await TestPlatform.run(modules: modules, waitingFor: .gateway) { platform in
                for (code, manifest) in Self.refusals {
                    var manifest = manifest
                    manifest.routes.append(RouteClaim(path: "/_modules/claimant/good"))
                    let module = try await TestModule.join(platform, as: "claimant", manifest)
                    let reasons = try module.refused().reasons
                    let codes = reasons.filter { !$0.message.isEmpty }.map(\.code)
                    #expect(codes.contains(code), "\(reasons)")
                    let shown = try await platform.module("claimant")
                    #expect(shown["state"] == "refused")
                    let shownCodes = (shown["reasons"]?.array ?? []).compactMap { $0["code"]?.string }
                    #expect(shownCodes.contains(code), "\(shown)")
                    #expect(try await platform.get("/_modules/claimant/good").status == 404)
                    let status = try await platform.commandLine(["status"])
                    #expect(status.output.contains("claimant"))
                    #expect(status.output.contains("refused"))
                    #expect(status.output.contains(reasons.first?.message ?? "a reason"), "\(status.output)")
                    try await module.leave()
                }
            }
        }

        @Test func aConfigurationErrorIsShownAtItsPlaceInTheOperatorsFile() async throws {
            let modules = """
                  - module: link-guard
                    run: ["link-guard-module"]
                    config: { blocked_domains: ["good.example", "no domain"] }
                """
            try await TestPlatform.run(modules: modules, waitingFor: .gateway) { platform in
                try await eventually("the operator sees the error", within: .seconds(10)) {
                    try await platform.module("link-guard")["state"] == "configuration_error"
                }
                let shown = try await platform.module("link-guard")
                #expect(shown["reasons"]?.array?.first?["item"] == "modules[0].config.blocked_domains[1]", "\(shown)")
                let status = try await platform.commandLine(["status"])
                #expect(status.output.contains("blocked_domains[1]"), "\(status.output)")
            }
        }

        @Test func aPortThatAnotherPlatformHasEndsTheStart() async throws {
            try await TestPlatform.run(modules: "  []", waitingFor: .gateway) { platform in
                let folder = try TemporaryFolder.make()
                defer { TemporaryFolder.remove(folder) }
                let configuration = folder.appending(path: "ganglion.yaml")
                try FileManager.default.copyItem(
                    at: platform.folder.appending(path: "ganglion.yaml"),
                    to: configuration
                )
                let second = try CommandLineProcess(Executables.path(of: "ganglion"), ["up"], in: folder)
                defer { second.end() }
                let status = try await second.waitForEnd(within: .seconds(30))
                #expect(status == 1)
                #expect(!second.output.contains("Ganglion is up"), "\(second.output)")
                #expect(second.output.contains("Address already in use"), "\(second.output)")
                #expect(try await platform.get("/_ganglion/ready").status == 200)
            }
        }

        @Test func aModuleThatIsNotConfiguredIsRefused() async throws {
            try await TestPlatform.run(modules: "  []", waitingFor: .gateway) { platform in
                let module = try await TestModule.join(platform, as: "stranger", Manifest())
                #expect(try module.refused().reasons.map(\.code) == ["unknown_module"])
                try await module.leave()
            }
        }
    }
}
