import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime
import Testing

struct ServiceProcessTests {
    private struct Step: Service {
        let body: @Sendable () async throws -> Void

        func run() async throws { try await self.body() }
    }

    private struct Failure: Error {}

    private let logger = Logger(label: "service-process-tests") { _ in SwiftLogNoOpLogHandler() }

    @Test(.timeLimit(.minutes(1)))
    func theGroupEndsWithItsFirstService() async {
        let status = await ServiceProcess.run(logger: self.logger) {
            [Step { try? await gracefulShutdown() }, Step {}]
        }
        #expect(status == ExitStatus.success)
    }

    @Test(.timeLimit(.minutes(1)))
    func aFailureIsAnExitStatus() async {
        let status = await ServiceProcess.run(logger: self.logger) {
            [Step { try? await gracefulShutdown() }, Step { throw Failure() }]
        }
        #expect(status == ExitStatus.failure)
    }

    @Test(.timeLimit(.minutes(1)))
    func aConfigurationErrorHasItsOwnExitStatus() async {
        let status = await ServiceProcess.run("test", configurationFile: "/nonexistent/ganglion.yaml") { _, _ in [] }
        #expect(status == ExitStatus.configurationError)
    }
}
