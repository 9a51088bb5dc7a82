import Logging
import MessageBus
import ServiceLifecycle
import Synchronization
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct SocketThreadTests {
    /// A service that leaves with an error once it runs, as a module does that cannot use its configuration.
    private struct Leaver: Service {
        struct Farewell: Error {}

        func run() async throws {
            throw Farewell()
        }
    }

    @Test
    func whatWasSentIsOnItsWayWhenTheServicesHaveEndedWhoeverStillHoldsTheContext() async throws {
        let thread = try SocketThread(label: "test")
        let services: [any Service] = [thread, Leaver()]
        let configuration = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, failureTerminationBehavior: .gracefullyShutdownGroup) },
            logger: Logger(label: "test")
        )
        let group = ServiceGroup(configuration: configuration)
        await #expect(throws: Leaver.Farewell.self) { try await group.run() }
        // Only a context that has been terminated has sent everything, and we still hold it.
        let opening = #expect(throws: ZeroMQError.self) { _ = try Socket(.dealer, in: thread.context) }
        #expect(opening?.code == .terminated)
        #expect(throws: PollLoopError.stopped(label: "test")) { try thread.loop.execute {} }
    }
}
