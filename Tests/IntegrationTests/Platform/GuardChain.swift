import Foundation
import WireProtocol

/// Modules of one chain, each with two processes, which a test starts and ends one after the other.
///
/// Together they block what ``IndependentRule`` does, whatever their number is: some of them one thing each, the rest nothing that occurs.
actor GuardChain {
    private static let rules = [
        "blocked_users: [\"@user03:demo.local\"]", "blocked_words: [\"tortes\", \"שלום\"]",
        "blocked_domains: [\"example.com\"]",
    ]
    private static let replicaCount = 2

    let ids: [String]
    private let platform: TestPlatform
    private var processes: [String: [CommandLineProcess]] = [:]

    init(count: Int, on platform: TestPlatform) {
        self.ids = Self.ids(count: count)
        self.platform = platform
    }

    private static func ids(count: Int) -> [String] {
        (1...count).map { "guard-\($0)" }
    }

    /// The `modules` part of the configuration, for modules that start elsewhere.
    static func configuration(count: Int) -> String {
        self.ids(count: count).enumerated().map { index, id in
            let rules = count < self.rules.count ? self.rules : Array(self.rules.dropFirst(index).prefix(1))
            let config = rules.isEmpty ? "blocked_words: [\"nobodywritesthis\"]" : rules.joined(separator: ", ")
            return "  - module: \(id)\n    config: { \(config) }"
        }
        .joined(separator: "\n")
    }

    func start() async throws {
        for id in self.ids {
            self.processes[id] = try (0..<Self.replicaCount).map { _ in try self.makeProcess(id) }
        }
        for id in self.ids { try await self.waitForReplicas(of: id) }
    }

    /// Ends every process in order and starts another in its place, one at a time.
    func restartAll() async throws {
        for id in self.ids {
            for replica in 0..<Self.replicaCount {
                guard let old = self.processes[id]?[replica] else { continue }
                old.signal(SIGTERM)
                _ = try await old.waitForEnd(within: .seconds(10))
                self.processes[id]?[replica] = try self.makeProcess(id)
                try await self.waitForReplicas(of: id)
            }
        }
    }

    func end() {
        for process in self.processes.values.joined() { process.signal(SIGKILL) }
    }

    private func makeProcess(_ id: String) throws -> CommandLineProcess {
        try CommandLineProcess(
            Executables.path(of: "link-guard-module"),
            ["--bus", self.platform.bus, "--module", id],
            in: self.platform.folder
        )
    }

    private func waitForReplicas(of id: String) async throws {
        try await eventually("\(id) has \(Self.replicaCount) replicas", within: .seconds(20)) {
            let instances = try await self.platform.module(id)["instances"]?.array ?? []
            return instances.count { $0["state"]?.string == "ready" } == Self.replicaCount
        }
    }
}
