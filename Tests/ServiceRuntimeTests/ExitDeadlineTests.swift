import Logging
import ServiceLifecycle
import Testing

@testable import ServiceRuntime

@Suite(.timeLimit(.minutes(1)))
struct ExitDeadlineTests {
    /// Work that nothing ends but the test.
    private struct Stubborn: Service {
        let release: AsyncStream<Void>

        func run() async {
            let release = self.release
            await Task { for await _ in release {} }.value
        }
    }

    private let logger = Logger(label: "exit-deadline-tests") { _ in SwiftLogNoOpLogHandler() }

    @Test func workThatDoesNotEndIsNotWaitedForLongerThanAllowed() async throws {
        let (release, sink) = AsyncStream<Void>.makeStream()
        // What would end the process ends the stubborn work here, and with it the test.
        let deadline = ExitDeadline(after: .milliseconds(20), logger: self.logger) { sink.finish() }
        let group = ServiceGroup(services: [Stubborn(release: release), deadline], logger: self.logger)
        async let end: Void = group.run()
        await group.triggerGracefulShutdown()
        try await end
    }

    @Test func theTimesOfAnEndFitIntoOneAnother() {
        #expect(ServiceProcess.shutdownMax < ServiceProcess.exitMax)
        #expect(ServiceProcess.exitMax < .milliseconds(2250))
    }
}
