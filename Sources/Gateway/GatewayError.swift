internal import HTTPTypes
internal import Hummingbird
internal import WireProtocol

/// A request that ends with something else than an answer.
///
/// Clients get it as JSON: `{"errcode":"G_NOT_FOUND","error":"Unrecognized request"}`.
struct GatewayError: Error, Equatable {
    /// What went wrong, for programs.
    struct Code: RawRepresentable, Hashable, Sendable {
        let rawValue: String

        static let badBudget = Self(rawValue: "G_BAD_BUDGET")
        static let badModuleResponse = Self(rawValue: "G_BAD_MODULE_RESPONSE")
        static let badPath = Self(rawValue: "G_BAD_PATH")
        static let badRequest = Self(rawValue: "G_BAD_REQUEST")
        static let cancelled = Self(rawValue: "G_CANCELLED")
        static let forbidden = Self(rawValue: "G_FORBIDDEN")
        static let internalError = Self(rawValue: "G_INTERNAL")
        static let invalidResult = Self(rawValue: "G_INVALID_RESULT")
        static let lost = Self(rawValue: "G_LOST")
        static let methodNotAllowed = Self(rawValue: "G_METHOD_NOT_ALLOWED")
        static let moduleError = Self(rawValue: "G_MODULE_ERROR")
        static let noneRegistered = Self(rawValue: "G_NONE_REGISTERED")
        static let noneUp = Self(rawValue: "G_NONE_UP")
        static let notConnected = Self(rawValue: "G_NOT_CONNECTED")
        static let notFound = Self(rawValue: "G_NOT_FOUND")
        static let notJSON = Self(rawValue: "G_NOT_JSON")
        static let notReady = Self(rawValue: "G_NOT_READY")
        static let overloaded = Self(rawValue: "G_OVERLOADED")
        static let timeout = Self(rawValue: "G_TIMEOUT")
        static let tooLarge = Self(rawValue: "G_TOO_LARGE")
        static let unauthorized = Self(rawValue: "G_UNAUTHORIZED")
        static let uploadTimeout = Self(rawValue: "G_UPLOAD_TIMEOUT")
    }

    let status: HTTPResponse.Status
    let code: Code
    /// What went wrong and what to do, for people.
    let message: String
    var headers: HTTPFields = [:]
}

extension GatewayError {
    /// In the original's manner: clients of it know an unknown path by these words.
    static let notFound = Self(status: .notFound, code: .notFound, message: "Unrecognized request")

    static func methodNotAllowed(allow: String) -> Self {
        Self(
            status: .methodNotAllowed,
            code: .methodNotAllowed,
            message: "This resource allows \(allow)",
            headers: [.allow: allow]
        )
    }

    static func tooLarge(limit: Int) -> Self {
        Self(
            status: .contentTooLarge,
            code: .tooLarge,
            message: "The body is larger than \(limit) bytes",
            // What is left of the body is not worth reading only to keep the connection.
            headers: [.connection: "close"]
        )
    }

    static func unavailable(_ code: Code, _ message: String) -> Self {
        Self(status: .serviceUnavailable, code: code, message: message, headers: [.retryAfter: "1"])
    }

    static func badModuleResponse(_ message: String) -> Self {
        Self(status: .badGateway, code: .badModuleResponse, message: message)
    }

    init(_ error: RequestPathError) {
        self.init(
            status: error == .tooLong ? .uriTooLong : .badRequest,
            code: .badPath,
            message: error.message
        )
    }

    /// The error as the client gets it, with `details` as more members beside `errcode` and `error`.
    func response(details: JSONObject = [:]) -> Response {
        var body: JSONObject = ["errcode": .string(self.code.rawValue), "error": .string(self.message)]
        for (key, value) in details where body[key] == nil {
            body[key] = value
        }
        return .json(.object(body), status: self.status, headers: self.headers)
    }
}

extension Response {
    /// A response with a JSON body that is put together here.
    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        .json(value.encoded(), status: status, headers: headers)
    }

    /// A response with a body that is JSON already.
    static func json(_ body: Payload, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(body)))
    }
}

extension ByteBuffer {
    /// A copy of a payload, which may lie in the transport's memory.
    init(_ payload: Payload) {
        self = payload.withUnsafeBytes { ByteBuffer(bytes: $0) }
    }
}
