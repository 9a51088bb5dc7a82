public import WireProtocol

/// An HTTP request to one of the module's web resources.
public struct WebRequest: Sendable {
    /// Upper case.
    public let method: String
    /// The path, percent-encoded as the client sent it.
    public let path: String
    /// The path that the handler was registered for.
    public let route: String
    /// What the segments in braces of ``route`` matched, percent-decoded.
    public let parameters: [String: String]
    /// The query, percent-encoded, without the question mark.
    public let query: String?
    /// Names in lower case, in order, repetitions kept.
    public let headers: [WebHeader]
    public let body: Payload
    /// The client's address as the gateway saw it.
    public let remote: String?
    /// The time that is left for the answer.
    public let budget: Duration

    public init(
        method: String,
        path: String,
        route: String,
        parameters: [String: String] = [:],
        query: String? = nil,
        headers: [WebHeader] = [],
        body: Payload = .empty,
        remote: String? = nil,
        budget: Duration
    ) {
        self.method = method
        self.path = path
        self.route = route
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.body = body
        self.remote = remote
        self.budget = budget
    }

    /// The first value of a header; the name is compared in lower case.
    public func header(_ name: String) -> String? {
        self.headers.first { $0.name == name }?.value
    }

    /// The body as JSON.
    ///
    /// - Throws: ``WebFailure`` with status 400 that says where the body is not JSON.
    public func json() throws -> JSONValue {
        do throws(JSONError) {
            return try JSONValue(parsing: self.body)
        } catch {
            throw WebFailure(status: 400, code: "M_NOT_JSON", message: "the body is not JSON: \(error)")
        }
    }
}

/// What a handler throws to answer with an error.
public struct WebFailure: Error, Hashable, Sendable {
    public var status: Int
    /// For programs, as in `M_NOT_FOUND`.
    public var code: String
    /// For people.
    public var message: String

    public init(status: Int, code: String, message: String) {
        self.status = status
        self.code = code
        self.message = message
    }
}
