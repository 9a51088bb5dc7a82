import Foundation
import NIOHTTP1
import ServiceRuntime
import Supervision
import WireProtocol

extension PlatformClient {
    private static let readyInterval = Duration.milliseconds(50)

    /// A client of a platform that is ready, or will be in time.
    ///
    /// - Throws: ``CommandFailure`` with the last reason, when the time is over.
    static func ready(_ options: PlatformOptions, within wait: Duration) async throws -> Self {
        let end = ContinuousClock.now + wait
        while true {
            do {
                let client = try options.client()
                try await client.requireReady()
                return client
            } catch let failure as CommandFailure {
                guard .now < end else { throw failure }
                try await Task.sleep(for: Self.readyInterval)
            }
        }
    }

    private func requireReady() async throws {
        let readiness = try await self.readiness()
        guard !readiness.ready else { return }
        let missing = readiness.waitingFor.joined(separator: ", ")
        let reason = missing.isEmpty ? "its dispatcher is not there" : "it waits for \(missing)"
        throw CommandFailure(
            status: ExitStatus.unavailable,
            message: "the platform at \(self.url) is not ready: \(reason); `ganglion status` says more"
        )
    }

    /// Sends a recorded call and waits for its verdict.
    func outcome(of call: RecordedCall, timeout: Duration) async -> ReplayOutcome {
        do {
            let body = Data(call.arguments.bytes)
            let (status, answer) = try await self.send(.POST, call.path, body: body, timeout: timeout)
            return ReplayOutcome(status: Int(status), body: Payload(Array(answer)))
        } catch {
            return .failed(code: "no answer", message: (error as? CommandFailure)?.message ?? "\(error)")
        }
    }
}
