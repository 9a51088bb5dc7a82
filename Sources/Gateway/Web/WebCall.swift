internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// A request for a module's web resource as a call over the bus.
enum WebCall {
    /// Puts the call together; `method` is what the module is asked for, which is `GET` for a `HEAD` it does not know.
    static func request(
        _ request: Request,
        path: RequestPath,
        route: Route,
        method: String,
        remote: String?,
        body: [UInt8],
        budget: Duration
    ) -> BusRequest {
        let metadata = WebRequestMetadata(
            method: method,
            path: path.text,
            query: path.query,
            headers: Self.headers(of: request.head),
            remote: remote
        )
        return BusRequest(target: route.target, metadata: metadata.encoded(), body: Payload(body), budget: budget)
    }

    /// The end-to-end header fields, in order; `Host`, which HTTP keeps apart, goes first.
    private static func headers(of head: HTTPRequest) -> [WebHeader] {
        let hopByHop = HopByHopHeaders(of: head.headerFields)
        var headers: [WebHeader] = []
        headers.reserveCapacity(head.headerFields.count + 1)
        if let authority = head.authority { headers.append(WebHeader("host", authority)) }
        for field in head.headerFields {
            let name = field.name.canonicalName
            guard !hopByHop.contains(name), name != "expect" else { continue }
            headers.append(WebHeader(name, field.value))
        }
        return headers
    }
}
