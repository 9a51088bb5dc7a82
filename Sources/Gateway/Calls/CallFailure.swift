internal import HTTPTypes
internal import MessageBus
internal import WireProtocol

/// Why a call over the bus brought no answer.
enum CallFailure: Error, Sendable {
    /// No reply came.
    case bus(BusError)
    /// A reply came, and it says that there is no answer.
    case fault(BusFault)
    /// Neither came when the budget and more had passed: the bus itself is at fault.
    case abandoned
}

extension CallFailure {
    /// Who is told about the failure.
    enum Audience {
        /// A client of a module's web resource. What a module says about its own failure is not for the public.
        case client
        /// A host with the bearer token, whose arguments may be to blame.
        case host
    }

    /// The failure as an HTTP client gets it.
    func gatewayError(for audience: Audience) -> GatewayError {
        switch self {
        case .bus(let error): Self.gatewayError(error)
        case .fault(let fault): Self.gatewayError(fault, audience)
        case .abandoned: Self.timeout
        }
    }

    private static let timeout = GatewayError(
        status: .gatewayTimeout,
        code: .timeout,
        message: "No answer came in time"
    )

    private static let lost = GatewayError(
        status: .badGateway,
        code: .lost,
        message: "The connection was lost before the answer came; whether the request was carried out is unknown"
    )

    private static let overloaded = GatewayError.unavailable(.overloaded, "Too many requests at once; nothing was done")

    private static func gatewayError(_ error: BusError) -> GatewayError {
        switch error.code {
        case .timeout: self.timeout
        case .lost: self.lost
        case .overloaded: self.overloaded
        case .notConnected, .stopped:
            .unavailable(.notConnected, "The gateway has no connection to the dispatcher; nothing was done")
        case .cancelled:
            .unavailable(.cancelled, "The request was cancelled")
        case .invalidRequest:
            GatewayError(status: .badRequest, code: .badRequest, message: "The bus cannot carry this: \(error.message)")
        default:
            GatewayError(status: .badGateway, code: .internalError, message: "The call failed")
        }
    }

    private static func gatewayError(_ fault: BusFault, _ audience: Audience) -> GatewayError {
        switch fault.code {
        case .notFound: self.notFound(fault, audience)
        case .noneRegistered: .unavailable(.noneRegistered, "No module has registered this")
        case .noneUp: .unavailable(.noneUp, "The module that serves this is down")
        case .timeout: self.timeout
        case .lost: self.lost
        case .overloaded: self.overloaded
        case .tooLarge:
            self.error(.contentTooLarge, .tooLarge, "A body is larger than the bus carries", fault, audience)
        case .invalidResult: self.error(.badGateway, .invalidResult, "The module's result is invalid", fault, audience)
        case .moduleError: self.error(.badGateway, .moduleError, "The module failed", fault, audience)
        case .badRequest: self.badRequest(fault, audience)
        case .cancelled: .unavailable(.cancelled, "The call was cancelled")
        case .forbidden: self.error(.badGateway, .forbidden, "The gateway may not call this", fault, audience)
        default: self.error(.internalServerError, .internalError, "The platform failed", fault, audience)
        }
    }

    /// A client's request was in the gateway's table, so it is the dispatcher that does not know the route: not yet, as after its
    /// restart, or not any more.
    private static func notFound(_ fault: BusFault, _ audience: Audience) -> GatewayError {
        switch audience {
        case .client: .unavailable(.noneUp, "The module that serves this is down")
        case .host: GatewayError(status: .notFound, code: .notFound, message: fault.message)
        }
    }

    /// A host wrote the arguments; for a client, it is the gateway that wrote what could not be understood.
    private static func badRequest(_ fault: BusFault, _ audience: Audience) -> GatewayError {
        switch audience {
        case .client: GatewayError(status: .badGateway, code: .internalError, message: "The call was not understood")
        case .host: GatewayError(status: .badRequest, code: .badRequest, message: fault.message)
        }
    }

    private static func error(
        _ status: HTTPResponse.Status,
        _ code: GatewayError.Code,
        _ message: String,
        _ fault: BusFault,
        _ audience: Audience
    ) -> GatewayError {
        switch audience {
        case .client: GatewayError(status: status, code: code, message: message)
        case .host: GatewayError(status: status, code: code, message: fault.message)
        }
    }
}
