import Foundation
import NIOHTTP1
import Recordings
import ServiceRuntime
import Supervision
import WireProtocol

extension PlatformClient {
    private static let readyInterval = Duration.milliseconds(50)

    /// A client of a platform that is ready, or will be in time; meanwhile it says on standard error what it waits for.
    ///
    /// - Throws: ``CommandFailure`` with the last reason, when the time is over.
    static func ready(_ options: PlatformOptions, within wait: Duration) async throws -> Self {
        let start = ContinuousClock.now
        var notice = WaitingNotice()
        while true {
            do {
                let client = try options.client()
                try await client.requireReady()
                return client
            } catch let failure as CommandFailure {
                let waited = ContinuousClock.now - start
                guard waited < wait else { throw failure }
                if notice.isDue(after: waited) {
                    let reason = await Self.missing(options) ?? failure.message
                    notice.text(reason, after: waited, of: wait).map { StandardError.write("\($0)\n") }
                }
                try await Task.sleep(for: Self.readyInterval)
            }
        }
    }

    /// What keeps the modules that are not ready; nil when the platform does not say.
    private static func missing(_ options: PlatformOptions) async -> String? {
        guard let client = try? options.client(), let readiness = try? await client.readiness(),
            !readiness.waitingFor.isEmpty, let status = try? await client.modules()
        else {
            return nil
        }
        let supervisor = (try? options.supervisorState()) ?? nil
        return status.merged(with: supervisor).text(ofMissing: readiness.waitingFor)
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
