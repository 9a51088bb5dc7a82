import Foundation
import ServiceLifecycle
import ServiceRuntime
import Supervision

/// Waits until the platform is ready and says once what came up and what did not.
struct StartupReport: Service {
    private static let interval = Duration.milliseconds(50)
    private static let patience = Duration.seconds(15)

    private let supervisor: Supervisor
    private let configuration: PlatformConfiguration
    private let token: AdminToken
    private let client: PlatformClient

    init(supervisor: Supervisor, configuration: PlatformConfiguration, token: AdminToken) {
        self.supervisor = supervisor
        self.configuration = configuration
        self.token = token
        self.client = PlatformClient(url: PlatformClient.url(of: configuration.gateway), token: token)
    }

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await self.report()
                try await Task.sleep(for: .seconds(Int64.max / 4))
            } catch is CancellationError {}
        }
    }

    private func report() async throws {
        let end = ContinuousClock.now + Self.patience
        var isLate = false
        while true {
            if try await self.isSettled() { break }
            if !isLate, ContinuousClock.now > end {
                isLate = true
                try await self.show("Ganglion is not ready yet; it goes on trying")
            }
            try await Task.sleep(for: Self.interval)
        }
        self.supervisor.notePlatformReady()
        try await self.show("Ganglion is up at \(self.client.url)")
    }

    private func isSettled() async throws -> Bool {
        do {
            let readiness = try await self.client.readiness()
            // Asked with our token even where all is ready: another platform that has the port is ready too, and refuses it.
            let settled = try await self.status().settled
            guard !readiness.ready else { return true }
            let local = Set(self.configuration.modules.filter { $0.run != nil }.map(\.id))
            return readiness.isSettled(local: local, settled: settled)
        } catch is CommandFailure {
            return false
        }
    }

    private func status() async throws -> PlatformStatus {
        try await self.client.modules().merged(with: SupervisorState.load(RunFolder(of: self.configuration)))
    }

    private func show(_ headline: String) async throws {
        let folder = RunFolder(of: self.configuration)
        let known = SupervisorState.load(folder)
        let status: PlatformStatus
        do {
            status = try await self.status()
        } catch let failure as CommandFailure {
            status = PlatformStatus(epoch: nil, modules: []).merged(with: known)
            Self.print(failure.message)
        }
        Self.print(
            """

            \(headline)\(status.epoch.map { " (epoch \($0))" } ?? "")
              token  \(self.configuration.gateway.adminTokenFile)
              logs   \(folder.logs)

            \(status.text)

            """
        )
    }

    /// Unbuffered: whoever reads through a pipe waits for these lines.
    private static func print(_ text: String) {
        try? FileHandle.standardOutput.write(contentsOf: Data("\(text)\n".utf8))
    }
}
