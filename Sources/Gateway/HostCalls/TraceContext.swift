internal import HTTPTypes
internal import WireProtocol

/// The W3C trace context of a request, passed on as it came.
struct TraceContext {
    private let parent: String?
    private let state: String?

    init(_ headers: HTTPFields) {
        self.parent = headers[.traceparent]
        self.state = headers[.tracestate]
    }

    /// The metadata of a call; `nil` if the request is not traced.
    var metadata: Payload? {
        guard let parent = self.parent else { return nil }
        var object: JSONObject = ["traceparent": .string(parent)]
        if let state = self.state { object["tracestate"] = .string(state) }
        return JSONValue.object(object).encoded()
    }
}
