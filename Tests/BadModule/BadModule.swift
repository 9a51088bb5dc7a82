import Foundation
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime
import UnixSignals
import WireProtocol

/// A module that the tests start to see what it costs others: it keeps to the protocol but for one thing.
///
/// It serves `/_modules/bad/page`, which says `good`, and has no opinion about spam.
@main
struct BadModule {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let environment = ProcessInfo.processInfo.environment
        guard let misbehaviour = arguments.first.flatMap(Misbehaviour.init),
            let endpoint = environment["GANGLION_BUS"], let id = environment["GANGLION_MODULE"]
        else {
            let known = Misbehaviour.allCases.map(\.rawValue).joined(separator: "|")
            FileHandle.standardError.write(Data("usage: bad-module \(known) [ID], started as a module\n".utf8))
            exit(2)
        }
        signal(SIGPIPE, SIG_IGN)
        if misbehaviour == .diesInDrain { signal(SIGTERM) { _ in kill(getpid(), SIGKILL) } }
        let name = misbehaviour == .liesAboutItsID ? arguments.dropFirst().first ?? "nobody" : id
        try await Self.serve(misbehaviour, as: name, at: endpoint)
    }

    private static func serve(_ misbehaviour: Misbehaviour, as id: String, at endpoint: String) async throws {
        let thread = try SocketThread(label: "bad-module")
        let logger = Logger(label: "bad-module", factory: StreamLogHandler.standardError(label:))
        let connection = BusConnection(
            configuration: BusConnectionConfiguration(endpoint: endpoint, id: id, role: .module, version: "bad"),
            loop: thread.loop,
            context: thread.context,
            delegate: BadConduct(misbehaviour, endpoint: endpoint),
            logger: logger
        )
        var services: [any Service] = [thread, connection]
        if let lifeline = Lifeline(environment: ProcessInfo.processInfo.environment) { services.append(lifeline) }
        var configuration = ServiceGroupConfiguration(
            services: services.map { service in
                .init(
                    service: service,
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .gracefullyShutdownGroup
                )
            },
            gracefulShutdownSignals: misbehaviour == .diesInDrain ? [.sigint] : [.sigterm, .sigint],
            logger: logger
        )
        // A module of the SDK has as long: what does not end by then is cut short.
        configuration.maximumGracefulShutdownDuration = .milliseconds(1750)
        try await ServiceGroup(configuration: configuration).run()
    }
}
