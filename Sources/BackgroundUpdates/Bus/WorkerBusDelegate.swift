public import Logging
public import MessageBus
public import WireProtocol

/// The worker as a peer on the bus: it registers its methods, `method/background-update-worker/<name>`, and answers them.
public struct WorkerBusDelegate: BusConnectionDelegate {
    private static let prefix = "method/\(BackgroundUpdateWorker.id)/"

    private let late: LateMethods
    private let logger: Logger

    /// - Parameters:
    ///   - methods: What to answer with; until it is there, calls are answered that a retry may help.
    ///   - logger: Where connection changes are told.
    public init(_ methods: LateMethods, logger: Logger) {
        self.late = methods
        self.logger = logger
    }

    public func welcomed(_ welcome: Welcome) async throws -> Manifest {
        Manifest(methods: UpdateMethods.names.map(MethodClaim.init(name:)))
    }

    public func serve(_ call: InboundCall) async -> BusReply {
        guard call.target.hasPrefix(Self.prefix) else {
            return BusReply(fault: BusFault(.notFound, "this worker answers \(Self.prefix)… only"))
        }
        guard let methods = self.late.methods else {
            return BusReply(fault: BusFault(.overloaded, "the worker is starting", isRetryable: true))
        }
        do {
            let arguments = call.body.isEmpty ? .null : try JSONValue(parsing: call.body)
            let answer = try await methods.answer(String(call.target.dropFirst(Self.prefix.count)), arguments)
            return BusReply(status: .answer, body: answer.encoded())
        } catch {
            return BusReply(fault: Self.fault(error))
        }
    }

    private static func fault(_ error: any Error) -> BusFault {
        if let error = error as? JSONError { return BusFault(.badRequest, "the arguments are no JSON: \(error)") }
        let error = BackgroundUpdatesError(describing: error)
        return switch error.code {
        case .invalidArgument: BusFault(.badRequest, error.message)
        case .unknownUpdate: BusFault(.notFound, error.message)
        case .busy, .unavailable: BusFault(.overloaded, error.message, isRetryable: true)
        default: BusFault(.moduleError, error.message)
        }
    }

    public func reachabilityChanged(isReady: Bool) {
        self.logger.info(isReady ? "connected to the dispatcher" : "no connection to the dispatcher")
    }

    public func refused(_ refusal: Refusal) async {
        self.logger.error(
            "the dispatcher refuses this worker; updates without a module go on",
            metadata: ["reasons": "\(refusal.reasons.map { "\($0.code): \($0.message)" }.joined(separator: "; "))"]
        )
    }
}
