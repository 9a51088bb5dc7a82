public import WireProtocol

/// What a web resource answers.
public struct WebResponse: Sendable {
    /// The HTTP status code, 200 to 599.
    public var status: Int
    /// Names in lower case.
    public var headers: [WebHeader]
    public var body: Payload

    public init(status: Int = 200, headers: [WebHeader] = [], body: Payload = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain text.
    public static func text(_ text: String, status: Int = 200) -> Self {
        Self(status: status, headers: [WebHeader("content-type", "text/plain; charset=utf-8")], body: Payload(text))
    }

    /// JSON.
    public static func json(_ value: JSONValue, status: Int = 200) -> Self {
        Self(status: status, headers: [WebHeader("content-type", "application/json")], body: value.encoded())
    }

    /// An error in the platform's form.
    public static func failure(_ failure: WebFailure) -> Self {
        .json(["errcode": .string(failure.code), "error": .string(failure.message)], status: failure.status)
    }
}
