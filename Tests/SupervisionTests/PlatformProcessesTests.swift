import Foundation
import ServiceRuntime
import Testing

@testable import Supervision

struct PlatformProcessesTests {
    private func executable(_ path: String) {
        #expect(
            FileManager.default.createFile(
                atPath: path,
                contents: Data("#!/bin/sh\n".utf8),
                attributes: [.posixPermissions: 0o755]
            )
        )
    }

    private func processes(_ yaml: String, in folder: TemporaryFolder) throws -> PlatformProcesses {
        let configuration = try PlatformConfiguration(yaml: yaml, file: "\(folder.path)/ganglion.yaml")
        return PlatformProcesses(configuration, services: "\(folder.path)/bin", environment: ["PATH": "/bin:/usr/bin"])
    }

    private func folderWithServices() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: "\(folder.path)/bin", withIntermediateDirectories: true)
        self.executable("\(folder.path)/bin/gateway")
        self.executable("\(folder.path)/bin/callback-dispatcher")
        return folder
    }

    @Test func servicesGetTheFileAndModulesTheirEnvironment() throws {
        let folder = try self.folderWithServices()
        let yaml = """
            log: { level: debug }
            modules:
              - { module: elsewhere }
              - { module: a, run: [sh, -c, exit], instances: 2 }
            """
        let processes = try self.processes(yaml, in: folder)
        #expect(processes.problems.isEmpty)
        #expect(processes.specifications.map(\.plan.name) == ["callback-dispatcher", "gateway", "a.1", "a.2"])
        #expect(processes.specifications.map(\.module) == [nil, nil, "a", "a"])
        #expect(processes.specifications[1].command.arguments == ["--config", "\(folder.path)/ganglion.yaml"])
        let command = processes.specifications[3].command
        #expect(command.arguments == ["-c", "exit"])
        #expect(command.environment["GANGLION_BUS"] == "ipc://\(folder.path)/run/bus.sock")
        #expect(command.environment["GANGLION_MODULE"] == "a")
        #expect(command.environment["GANGLION_LOG_LEVEL"] == "debug")
    }

    @Test func theFoldersAreSearchedInOrder() throws {
        let folder = try self.folderWithServices()
        let finder = ExecutableFinder(
            directory: folder.path,
            services: "\(folder.path)/bin",
            environment: ["PATH": "/bin:/usr/bin"]
        )
        #expect(finder.find("sh") == "/bin/sh")
        self.executable("\(folder.path)/bin/sh")
        #expect(finder.find("sh") == "\(folder.path)/bin/sh")
        self.executable("\(folder.path)/sh")
        #expect(finder.find("sh") == "\(folder.path)/sh")
        #expect(finder.find("bin/sh") == "\(folder.path)/bin/sh")
        #expect(finder.find("bin") == nil)
        #expect(finder.find("./nothing") == nil)
    }

    @Test func anExecutableThatIsNotThereIsFoundInTheFile() throws {
        let folder = try TemporaryFolder()
        let processes = try self.processes("modules:\n  - module: a\n    run: [no-such-module]\n", in: folder)
        #expect(processes.problems.count == 3)
        let problem = try #require(processes.problems.last)
        #expect(problem.keyPath == "modules[0].run[0]")
        #expect(problem.location?.line == 3)
        #expect(problem.message.contains("no executable `no-such-module`"))
    }
}
