import Hummingbird
import Logging
import NIOPosix

/// Hummingbird answering for itself: what the same machine does without a bus.
///
/// One thread for the sockets, as in the gateway, and nothing else that the gateway does not also have.
@main
struct HummingbirdAlone {
    static func main() async throws {
        guard let port = CommandLine.arguments.dropFirst().first.flatMap(Int.init) else {
            print("usage: hummingbird-alone PORT")
            return
        }
        let router = Router()
        router.get("/hello") { _, _ in "hello" }
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var logger = Logger(label: "hummingbird-alone")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: port)),
            eventLoopGroupProvider: .shared(threads),
            logger: logger
        )
        try await application.runService()
    }
}
