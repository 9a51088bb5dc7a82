internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Reads a request's body within a size and a time.
struct RequestBodyReader {
    let sizeMax: Int
    let timeout: Duration

    /// Reads the body.
    ///
    /// A body that says it is too large is refused before any of it is read.
    ///
    /// - Throws: ``GatewayError`` for a body that is too large, too slow or cut off, or the connection's error.
    func read(_ request: Request) async throws -> [UInt8] {
        let length = request.headers[.contentLength].flatMap { Int($0) }
        // HTTP/1 has a body only where one of the two says so.
        guard length != nil || request.headers.contains(.transferEncoding) else { return [] }
        if length == 0 { return [] }
        guard length ?? 0 <= self.sizeMax else { throw GatewayError.tooLarge(limit: self.sizeMax) }
        var body: [UInt8] = []
        // What a client claims is no reason to set memory aside before it has sent some of it.
        body.reserveCapacity(min(length ?? 0, 1 << 16))
        let deadline = ContinuousClock.now + self.timeout
        for try await chunk in request.body {
            guard body.count + chunk.readableBytes <= self.sizeMax else {
                throw GatewayError.tooLarge(limit: self.sizeMax)
            }
            body.append(contentsOf: chunk.readableBytesView)
            guard ContinuousClock.now < deadline else { throw Self.tooSlow }
        }
        guard length == nil || length == body.count else { throw Self.cutOff }
        return body
    }

    private static let tooSlow = GatewayError(
        status: .requestTimeout,
        code: .uploadTimeout,
        message: "The body did not arrive in time",
        headers: [.connection: "close"]
    )

    private static let cutOff = GatewayError(
        status: .badRequest,
        code: .badRequest,
        message: "The body is shorter than its Content-Length",
        headers: [.connection: "close"]
    )
}
