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
        let body = try await self.receive(request.body, expected: length ?? 0)
        guard length == nil || length == body.count else { throw Self.cutOff }
        return body
    }

    /// Receives the body, or ends at the deadline: a client that sends nothing more does not wake the reader.
    private func receive(_ chunks: RequestBody, expected: Int) async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await self.collect(chunks, expected: expected) }
            group.addTask {
                try await Task.sleep(for: self.timeout)
                throw Self.tooSlow
            }
            defer { group.cancelAll() }
            guard let body = try await group.next() else { throw Self.tooSlow }
            return body
        }
    }

    private func collect(_ chunks: RequestBody, expected: Int) async throws -> [UInt8] {
        var body: [UInt8] = []
        // What a client claims is no reason to set memory aside before it has sent some of it.
        body.reserveCapacity(min(expected, 1 << 16))
        for try await chunk in chunks {
            guard body.count + chunk.readableBytes <= self.sizeMax else {
                throw GatewayError.tooLarge(limit: self.sizeMax)
            }
            body.append(contentsOf: chunk.readableBytesView)
        }
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
