import Foundation
import Recordings
import ServiceRuntime
import Synchronization
import Testing

@testable import Supervision

/// Real processes: shell scripts, which every machine has.
@Suite(.serialized, .timeLimit(.minutes(2)))
struct SupervisorTests {
    private static let shell = "/bin/sh"

    private func specification(
        _ name: String,
        _ script: String,
        role: ProcessPlan.Role = .module
    ) -> ProcessSpecification {
        let environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"]
        let command = ProcessCommand(executable: Self.shell, arguments: ["-c", script], environment: environment)
        return ProcessSpecification(plan: .init(name: name, role: role), command: command, module: name)
    }

    /// Runs processes while `body` looks at them, then stops them.
    private func supervise(
        _ specifications: [ProcessSpecification],
        in folder: TemporaryFolder,
        limits: SupervisorLimits = .init(),
        _ body: @Sendable (Supervisor) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(atPath: "\(folder.path)/log", withIntermediateDirectories: true)
        let supervisor = try Supervisor(
            specifications,
            folder: RunFolder(path: folder.path),
            limits: limits,
            mirror: .nowhere,
            holding: nil
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await supervisor.run() }
            try await body(supervisor)
            supervisor.stop()
            try await group.waitForAll()
        }
    }

    /// Waits until a condition holds, looking every few milliseconds; the suite's time limit ends a wait in vain.
    private func until(_ condition: () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func log(_ name: String, in folder: TemporaryFolder) -> String {
        (try? String(contentsOfFile: "\(folder.path)/log/\(name).log", encoding: .utf8)) ?? ""
    }

    private func isAlive(_ pid: Int32) -> Bool { kill(pid, 0) == 0 }

    @Test func whatDiesIsStartedAgain() async throws {
        let folder = try TemporaryFolder()
        try await self.supervise([self.specification("a", "echo up; exec cat")], in: folder) { supervisor in
            try await self.until { self.log("a", in: folder) == "up\n" }
            let first = try #require(supervisor.processes.first?.state.pid)
            kill(first, SIGKILL)
            try await self.until { supervisor.processes.first?.state.pid.map { $0 != first } ?? false }
            #expect(supervisor.processes.first?.restarts == 1)
            #expect(supervisor.processes.first?.reason == "was ended by signal 9 (SIGKILL)")
            try await self.until { self.log("a", in: folder) == "up\nup\n" }
        }
    }

    @Test func whatKeepsDyingIsQuarantinedWithItsLastWords() async throws {
        let folder = try TemporaryFolder()
        var limits = SupervisorLimits()
        limits.backoffMin = .milliseconds(1)
        let script = "echo starting; echo 'no such table' >&2; exit 3"
        try await self.supervise([self.specification("a", script)], in: folder, limits: limits) { supervisor in
            try await self.until { supervisor.processes.first?.state == .quarantined }
            let reason = supervisor.processes.first?.reason
            #expect(reason == "failed 5 times within 30 s; the last time it exited with status 3: no such table")
            #expect(self.log("a", in: folder).split(separator: "\n").count == 10)
        }
    }

    @Test func aConfigurationErrorIsSetAsideAtOnceAndTriedAgainWhenAsked() async throws {
        let folder = try TemporaryFolder()
        let mark = "\(folder.path)/repaired"
        let script = "test -e \(mark) && exec cat; echo 'modules[0].config.url: no URL'; exit 78"
        try await self.supervise([self.specification("a", script)], in: folder) { supervisor in
            try await self.until { supervisor.processes.first?.state == .configurationError }
            #expect(supervisor.processes.first?.reason.contains("modules[0].config.url: no URL") == true)
            #expect(FileManager.default.createFile(atPath: mark, contents: nil))
            supervisor.retrySetAside()
            try await self.until { supervisor.processes.first?.state.pid != nil }
        }
    }

    @Test func whatCannotBeStartedSaysWhy() async throws {
        let folder = try TemporaryFolder()
        let command = ProcessCommand(executable: "/nonexistent/module", arguments: [], environment: [:])
        let specification = ProcessSpecification(plan: .init(name: "a", role: .module), command: command)
        try await self.supervise([specification], in: folder) { supervisor in
            try await self.until { supervisor.processes.first?.reason.isEmpty == false }
            #expect(supervisor.processes.first?.reason.contains("/nonexistent/module could not be started") == true)
        }
    }

    @Test func whatIgnoresTheRequestToEndIsKilledInTime() async throws {
        let folder = try TemporaryFolder()
        let deaf = "trap '' TERM; echo up; while :; do sleep 0.1; done"
        let clock = ContinuousClock()
        let stopping = Mutex(clock.now)
        let pids = Mutex<[Int32]>([])
        let specifications = [
            self.specification("dispatcher", deaf, role: .dispatcher),
            self.specification("gateway", deaf, role: .gateway),
            self.specification("a", deaf),
        ]
        try await self.supervise(specifications, in: folder) { supervisor in
            for specification in specifications {
                try await self.until { self.log(specification.plan.name, in: folder) == "up\n" }
            }
            pids.withLock { $0 = supervisor.processes.compactMap(\.state.pid) }
            stopping.withLock { $0 = clock.now }
        }
        #expect(clock.now - stopping.withLock { $0 } < .seconds(5))
        #expect(pids.withLock { $0.count } == 3)
        #expect(pids.withLock { $0 }.allSatisfy { !self.isAlive($0) })
    }

    @Test func whatAProcessStartedGoesWithIt() async throws {
        let folder = try TemporaryFolder()
        let script = "sleep 1000 & echo $!; wait"
        try await self.supervise([self.specification("a", script)], in: folder) { _ in
            try await self.until { self.log("a", in: folder).hasSuffix("\n") }
        }
        let grandchild = try #require(Int32(self.log("a", in: folder).dropLast()))
        // It is reaped by init, which takes its own time.
        try await self.until { ProcessProbe.isGone(grandchild) }
    }

    @Test func nothingIsLeftToReap() async throws {
        let folder = try TemporaryFolder()
        let pids = Mutex<[Int32]>([])
        try await self.supervise((0..<5).map { self.specification("m\($0)", "exec cat") }, in: folder) { supervisor in
            try await self.until { supervisor.processes.count(where: { $0.state.pid != nil }) == 5 }
            pids.withLock { $0 = supervisor.processes.compactMap(\.state.pid) }
        }
        // A zombie would still be our child.
        for pid in pids.withLock({ $0 }) {
            #expect(waitpid(pid, nil, WNOHANG) == -1)
            #expect(errno == ECHILD)
        }
    }

    @Test func aServiceThatNeverComesUpEndsThePlatform() async throws {
        let folder = try TemporaryFolder()
        var limits = SupervisorLimits()
        limits.backoffMin = .milliseconds(1)
        let specifications = [
            self.specification("dispatcher", "exec cat", role: .dispatcher),
            self.specification("gateway", "echo 'address in use' >&2; exit 1", role: .gateway),
        ]
        let error = await #expect(throws: SupervisionError.self) {
            try await self.supervise(specifications, in: folder, limits: limits) { supervisor in
                try await self.until {
                    supervisor.processes.contains { $0.state == .quarantined || $0.state == .stopped }
                }
            }
        }
        #expect(error?.code == .essentialProcess)
        #expect(error?.message.contains("address in use") == true)
    }

    @Test func theLockLastsAsLongAsAnyProcess() async throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/processes.lock"
        let pid = Mutex<Int32>(0)
        try FileManager.default.createDirectory(atPath: "\(folder.path)/log", withIntermediateDirectories: true)
        do {
            guard let lock = try FolderLock(path) else {
                Issue.record("a free lock was refused")
                return
            }
            let child = try ChildProcess(
                .init(executable: Self.shell, arguments: ["-c", "exec cat"], environment: [:]),
                inheriting: lock.descriptor.number
            )
            pid.withLock { $0 = child.pid }
            kill(child.pid, 0)
        }
        // The value that held the lifeline is gone, and with it, by and by, the child and its share of the lock.
        ChildProcess.awaitEnd(of: pid.withLock { $0 })
        waitpid(pid.withLock { $0 }, nil, 0)
        #expect(FolderLock.holder(of: path) == nil)
    }

    @Test func aLineWithoutEndCostsNoMemory() async throws {
        let folder = try TemporaryFolder()
        let script = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo done; exec cat"
        try await self.supervise([self.specification("a", script)], in: folder) { _ in
            try await self.until { self.log("a", in: folder).hasSuffix("\ndone\n") }
        }
        let lines = self.log("a", in: folder).split(separator: "\n")
        #expect(lines.allSatisfy { $0.utf8.count <= LineSplitter.lineBytesMax })
        #expect(lines.dropLast().reduce(0) { $0 + $1.utf8.count } == 300_000)
    }

    @Test func theStateIsWrittenDown() async throws {
        let folder = try TemporaryFolder()
        let run = RunFolder(path: folder.path)
        guard let lock = try FolderLock(run.supervisorLock) else {
            Issue.record("a free lock was refused")
            return
        }
        lock.sign("test")
        #expect(SupervisorState.load(run) == nil)
        try await self.supervise([self.specification("a", "exec cat")], in: folder) { supervisor in
            try await self.until { supervisor.processes.first?.state.pid != nil }
            try await self.until { SupervisorState.load(run)?.processes.first?.state == "running" }
            let state = try #require(SupervisorState.load(run))
            #expect(state.supervisor == getpid())
            #expect(state.processes.first?.module == "a")
            #expect(state.processes.first?.pid == supervisor.processes.first?.state.pid)
        }
    }
}
