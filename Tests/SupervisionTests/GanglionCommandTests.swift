import Foundation
import Supervision
import Testing

/// The program as a person uses it.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct GanglionCommandTests {
    private static let module = "  - { module: a, run: [sh, -c, 'exec cat'] }"

    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    /// Waits until every process runs and returns their ids.
    private func pids(_ program: GanglionProgram, count: Int) async throws -> [Int32] {
        try await self.until { SupervisorState.load(program.run)?.processes.count(where: \.isRunning) == count }
        return SupervisorState.load(program.run)?.processes.compactMap(\.pid) ?? []
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test func ctrlCLeavesNothingBehind() async throws {
        let program = try GanglionProgram(modules: Self.module)
        let up = try program.start("up", "--executables", "bin")
        let pids = try await self.pids(program, count: 3)
        try self.leaveSocket(at: program.path("run/bus.sock"))
        let start = ContinuousClock.now
        kill(up.pid, SIGINT)
        let (status, _) = try await up.finish()
        #expect(status == 0)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(pids.allSatisfy { kill($0, 0) != 0 })
        #expect(!self.exists(program.path("run/bus.sock")))
        #expect(!self.exists(program.run.state))
        #expect(self.exists(program.path("run/admin.token")))
    }

    @Test func aKilledSupervisorTakesItsChildrenAlong() async throws {
        let program = try GanglionProgram(modules: Self.module)
        let first = try program.start("up", "--executables", "bin")
        let pids = try await self.pids(program, count: 3)
        try self.leaveSocket(at: program.path("run/bus.sock"))
        kill(first.pid, SIGKILL)
        _ = try await first.finish()
        #expect(SupervisorState.load(program.run) == nil)

        let second = try program.start("up", "--executables", "bin")
        let others = try await self.pids(program, count: 3)
        #expect(Set(pids).isDisjoint(with: others))
        // The second one starts only when the last process of the first is gone.
        #expect(pids.allSatisfy { ProcessProbe.isGone($0) })
        #expect(!self.exists(program.path("run/bus.sock")))
        kill(second.pid, SIGTERM)
        #expect(try await second.finish().status == 0)
    }

    @Test func aSecondSupervisorIsRefusedAndToldWhoIsThere() async throws {
        let program = try GanglionProgram(modules: Self.module)
        let up = try program.start("up", "--executables", "bin")
        _ = try await self.pids(program, count: 3)
        let refused = try await program.call("up", "--executables", "bin")
        #expect(refused.status == 1)
        #expect(refused.output.contains("process \(up.pid)"))
        kill(up.pid, SIGINT)
        #expect(try await up.finish().status == 0)
    }

    @Test func anErrorInTheFileStartsNothing() async throws {
        let program = try GanglionProgram(modules: "  - { module: a, run: 5 }\n  - { module: a, wrong: 1 }")
        for command in ["check", "up"] {
            let (status, output) = try await program.call(command, "--executables", "bin")
            #expect(status == 78)
            #expect(output.contains("ganglion.yaml:3:23: modules[0].run: expected a list of strings, found a number"))
            #expect(output.contains("ganglion.yaml:4:25: modules[1].wrong: unknown key"))
        }
        #expect(!self.exists(program.run.path))
    }

    @Test func anErrorInADeclaredUpdateStartsNothing() async throws {
        let databases = """
              main:
                sqlite: main.db
                updates:
                  fill_search: { rows: { table: events, key: [id], module: nobody } }
                  add_index: { index: { name: i, table: t } }
            """
        let program = try GanglionProgram(modules: "\(Self.module)\ndatabases:\n\(databases)")
        let (status, output) = try await program.call("check", "--executables", "bin")
        #expect(status == 78)
        #expect(
            output.contains(
                "ganglion.yaml:9:7: databases.main.updates.add_index: index.columns: expected at least one column"
            ),
            "\(output)"
        )
        #expect(!self.exists(program.run.path))
    }

    @Test func anUpdateOfAModuleThatIsNotThereStartsNothing() async throws {
        let update = "fill_search: { rows: { table: events, key: [id], module: nobody } }"
        let databases = "databases: { main: { sqlite: main.db, updates: { \(update) } } }"
        let program = try GanglionProgram(modules: "\(Self.module)\n\(databases)")
        let (status, output) = try await program.call("check", "--executables", "bin")
        #expect(status == 78)
        #expect(output.contains("databases.main.updates.fill_search.rows.module: `nobody` is not under `modules`"))
    }

    @Test func aCallbackThatMayBeRegisteredAndDoesNotExistStartsNothing() async throws {
        let allow = "allow: { callbacks: ['spam_checker/*', spam_checker/user_may_invit], routes: ['/a/*'] }"
        let program = try GanglionProgram(modules: "  - { module: a, \(allow) }")
        let routes = try await program.call("check", "--executables", "bin")
        #expect(routes.status == 78)
        #expect(routes.output.contains("modules[0].allow.routes[0]: `/a/*` is no path"), "\(routes.output)")
        let other = try GanglionProgram(modules: "  - { module: a, \(allow.replacing("/a/*", with: "/a")) }")
        let (status, output) = try await other.call("check", "--executables", "bin")
        #expect(status == 78)
        #expect(
            output.contains(
                "ganglion.yaml:3:57: modules[0].allow.callbacks[1]: the catalogue has no callback `spam_checker/user_may_invit`; "
                    + "did you mean `spam_checker/user_may_invite`"
            ),
            "\(output)"
        )
    }

    @Test func anErrorInACatalogueOfTheOperatorsOwnStartsNothing() async throws {
        let program = try GanglionProgram(modules: "\(Self.module)\ncallbacks: { catalogue: [shop.yaml, none.yaml] }")
        let shop = "catalogue: 1\ncategories:\n  shop:\n    callbacks:\n      may_buy: { rule: first_anser }\n"
        try Data(shop.utf8).write(to: URL(filePath: program.path("shop.yaml")))
        let broken = try await program.call("check", "--executables", "bin")
        #expect(broken.status == 78)
        #expect(broken.output.contains("shop.yaml:5:"), "\(broken.output)")
        #expect(broken.output.contains("there is no rule `first_anser`; did you mean `first_answer`?"))
        try Data("catalogue: 1\n".utf8).write(to: URL(filePath: program.path("shop.yaml")))
        let missing = try await program.call("check", "--executables", "bin")
        #expect(missing.status == 78)
        #expect(missing.output.contains("callbacks.catalogue[1]"), "\(missing.output)")
    }

    @Test func theReferencePageNeedsNoPlatform() async throws {
        let program = try GanglionProgram(modules: "\(Self.module)\ncallbacks: { catalogue: shop.yaml }")
        let shop = "catalogue: 1\ncategories:\n  shop:\n    callbacks:\n      on_order: { rule: notify }\n"
        try Data(shop.utf8).write(to: URL(filePath: program.path("shop.yaml")))
        let (status, output) = try await program.call("callbacks", "--markdown")
        #expect(status == 0)
        #expect(output.contains("### user_may_invite\n"))
        #expect(output.contains("### on_order\n"))
        #expect(try await program.call("callbacks", "nonsense").status == 2)
        #expect(try await program.call("callbacks").status == 69)
    }

    @Test func aModuleThatIsSetAsideIsSeenInTheStatusAndStartedAgainWhenAsked() async throws {
        let script = "test -e repaired && exec cat; echo no URL; exit 78"
        let program = try GanglionProgram(modules: "  - { module: a, run: [sh, -c, '\(script)'] }")
        let up = try program.start("up", "--executables", "bin")
        try await self.until { SupervisorState.load(program.run)?.processes.last?.isSetAside == true }
        let status = try await program.call("status")
        #expect(status.status == 69)
        #expect(status.output.contains("configuration_error"))
        #expect(status.output.contains("no URL"))
        #expect(FileManager.default.createFile(atPath: program.path("repaired"), contents: nil))
        kill(up.pid, SIGUSR1)
        _ = try await self.pids(program, count: 3)
        kill(up.pid, SIGINT)
        #expect(try await up.finish().status == 0)
    }

    @Test func exitStatusesMeanSomething() async throws {
        let program = try GanglionProgram(modules: Self.module)
        #expect(try await program.call("check", "--executables", "bin").status == 0)
        #expect(try await program.call("status").status == 69)
        #expect(try await program.call("status", "--nonsense").status == 2)
        #expect(try await program.call("call", "a", "b", "--args", "[]").status == 2)
        #expect(try await program.call("check", "--config", "none.yaml").status == 78)
        #expect(try await program.call("check", "--executables", "nowhere").status == 78)
        #expect(try await program.call("--help").status == 0)
    }

    /// What a dispatcher leaves behind when it is killed.
    private func leaveSocket(at path: String) throws {
        let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(number, address, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        #expect(result == 0)
        #expect(self.exists(path))
    }
}
