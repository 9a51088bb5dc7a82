internal import HTTPTypes
internal import Hummingbird
internal import MessageBus
internal import WireProtocol

/// A module's reply as an HTTP response.
///
/// A module is not trusted with the connection: it cannot set the framing, smuggle a line break into a header, or answer
/// with a status that HTTP keeps for itself.
enum ModuleResponse {
    /// Reads a reply.
    ///
    /// - Throws: ``GatewayError`` with `G_BAD_MODULE_RESPONSE` for a reply that is no HTTP response.
    static func response(
        _ reply: BusReply,
        isHead: Bool,
        limits: (headSize: Int, headCount: Int)
    ) throws(GatewayError) -> Response {
        guard reply.status == .answer else {
            throw .badModuleResponse("The module had no answer")
        }
        let metadata = try Self.metadata(of: reply)
        // 1xx would leave the client waiting for the response proper, for ever.
        guard (200...599).contains(metadata.status) else {
            throw .badModuleResponse("The module answered with the status \(metadata.status)")
        }
        var headers = try Self.fields(metadata.headers, limits)
        let status = HTTPResponse.Status(code: metadata.status)
        guard status.allowsBody else {
            return Response(status: status, headers: headers, bodyless: ())
        }
        guard isHead else {
            return Response(status: status, headers: headers, body: .writing(ByteBuffer(reply.body)))
        }
        // A module that was asked for GET has sent what HEAD is about; one that knows HEAD may only have said so.
        let length = reply.body.isEmpty ? Self.declaredLength(metadata.headers) : String(reply.body.count)
        headers[.contentLength] = length ?? "0"
        return Response(status: status, headers: headers)
    }

    private static func metadata(of reply: BusReply) throws(GatewayError) -> WebResponseMetadata {
        guard let payload = reply.metadata else { return WebResponseMetadata() }
        do throws(WireError) {
            return try WebResponseMetadata(decoding: payload)
        } catch {
            throw .badModuleResponse("The module's response has no readable head")
        }
    }

    private static func fields(
        _ headers: [WebHeader],
        _ limits: (headSize: Int, headCount: Int)
    ) throws(GatewayError) -> HTTPFields {
        guard headers.count <= limits.headCount else {
            throw .badModuleResponse("The module's response has \(headers.count) headers")
        }
        let hopByHop = HopByHopHeaders(connection: headers.filter { $0.name.isConnection }.map(\.value))
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 3)
        var size = 0
        for header in headers {
            guard let name = HTTPField.Name(header.name), HTTPField.isValidValue(header.value) else {
                throw .badModuleResponse("The module's response has a header that HTTP does not allow")
            }
            size += header.name.utf8.count + header.value.utf8.count
            guard !hopByHop.contains(name.canonicalName), name != .contentLength else { continue }
            fields.append(HTTPField(name: name, value: header.value))
        }
        guard size <= limits.headSize else {
            throw .badModuleResponse("The module's response has \(size) bytes of headers")
        }
        return fields
    }

    private static func declaredLength(_ headers: [WebHeader]) -> String? {
        headers.first { $0.name == "content-length" }.flatMap { Int($0.value) }.flatMap { $0 < 0 ? nil : String($0) }
    }
}

extension HTTPResponse.Status {
    /// Whether a response with this status may have a body (RFC 9110 §6.4.1).
    fileprivate var allowsBody: Bool {
        self.code >= 200 && self.code != 204 && self.code != 205 && self.code != 304
    }
}

extension Response {
    /// A response of a kind that has neither a body nor a `Content-Length`.
    init(status: HTTPResponse.Status, headers: HTTPFields = [:], bodyless: Void) {
        self.init(status: status, headers: headers)
        self.headers[.contentLength] = nil
    }
}

extension ResponseBody {
    /// How much of a body is written at once, in bytes.
    private static let pieceSize = 64 << 10

    /// A body that is written in pieces if it is long.
    ///
    /// A client then takes each piece before the next is written, and one that is slow is told from one that has stopped.
    fileprivate static func writing(_ buffer: ByteBuffer) -> Self {
        guard buffer.readableBytes > 4 * Self.pieceSize else { return Self(byteBuffer: buffer) }
        return Self(contentLength: buffer.readableBytes) { writer in
            var rest = buffer
            while let piece = rest.readSlice(length: min(Self.pieceSize, rest.readableBytes)), piece.readableBytes > 0 {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
        }
    }
}

extension String {
    fileprivate var isConnection: Bool {
        self.utf8.count == 10 && self.lowercased() == "connection"
    }
}
