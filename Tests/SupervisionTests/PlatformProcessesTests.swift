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
        self.executable("\(folder.path)/bin/cache-service")
        self.executable("\(folder.path)/bin/background-update-worker")
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

    @Test func aCacheSectionStartsTheCacheServiceAndDatabasesStartAWorker() throws {
        let yaml = """
            cache: {}
            databases: { main: { sqlite: run/data/main.db } }
            """
        let processes = try self.processes(yaml, in: try self.folderWithServices())
        #expect(processes.problems.isEmpty)
        let names = ["callback-dispatcher", "cache-service", "gateway", "background-update-worker"]
        #expect(processes.specifications.map(\.plan.name) == names)
        #expect(processes.specifications.map(\.plan.role) == [.dispatcher, .cache, .gateway, .worker])
    }

    @Test(arguments: [
        ("background_updates: { workers: 2 }", ["background-update-worker.1", "background-update-worker.2"]),
        ("background_updates: { workers: 0 }", []),
    ])
    func asManyWorkersStartAsAreAskedFor(section: String, names: [String]) throws {
        let yaml = "\(section)\ndatabases: { main: { sqlite: main.db } }\n"
        let processes = try self.processes(yaml, in: try self.folderWithServices())
        #expect(processes.specifications.filter { $0.plan.role == .worker }.map(\.plan.name) == names)
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
