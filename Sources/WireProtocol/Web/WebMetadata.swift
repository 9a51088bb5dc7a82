/// A name and a value of an HTTP header.
public struct WebHeader: Hashable, Sendable {
    /// Lower case.
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// What a `CALL` to a web resource says beside the body (`docs/wire-protocol.md` §5.1).
public struct WebRequestMetadata: ControlBody {
    public var method: String
    /// Percent-encoded, as received.
    public var path: String
    public var query: String?
    public var headers: [WebHeader]
    /// The client's address, if the gateway knows it.
    public var remote: String?

    public init(method: String, path: String, query: String? = nil, headers: [WebHeader] = [], remote: String? = nil) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.remote = remote
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.method = try reader.string("method")
        self.path = try reader.string("path")
        self.query = try reader.optionalString("query")
        self.headers = try WebHeader.list(reader.value("headers"))
        self.remote = try reader.optionalString("remote")
    }

    public var json: JSONValue {
        var object: JSONObject = ["method": .string(self.method), "path": .string(self.path)]
        if let query = self.query { object["query"] = .string(query) }
        object["headers"] = .array(self.headers.map(\.json))
        if let remote = self.remote { object["remote"] = .string(remote) }
        return .object(object)
    }

    /// Writes the JSON text without building a value first: this is on the path of every HTTP request.
    public func encoded() -> Payload {
        var writer = JSONWriter(capacity: 256)
        writer.raw("{\"method\":")
        writer.write(self.method)
        writer.raw(",\"path\":")
        writer.write(self.path)
        if let query = self.query {
            writer.raw(",\"query\":")
            writer.write(query)
        }
        writer.raw(",\"headers\":")
        writer.write(self.headers)
        if let remote = self.remote {
            writer.raw(",\"remote\":")
            writer.write(remote)
        }
        writer.raw("}")
        return Payload(writer.bytes)
    }
}

/// What a `REPLY` of a web resource says beside the body.
public struct WebResponseMetadata: ControlBody {
    /// The HTTP status code.
    public var status: Int
    public var headers: [WebHeader]

    public init(status: Int = 200, headers: [WebHeader] = []) {
        self.status = status
        self.headers = headers
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.status = try reader.integer("status", in: 200...599, default: 200)
        self.headers = try WebHeader.list(reader.value("headers"))
    }

    public var json: JSONValue {
        ["status": .integer(Int64(self.status)), "headers": .array(self.headers.map(\.json))]
    }

    public func encoded() -> Payload {
        var writer = JSONWriter(capacity: 128)
        writer.raw("{\"status\":")
        writer.write(self.status)
        writer.raw(",\"headers\":")
        writer.write(self.headers)
        writer.raw("}")
        return Payload(writer.bytes)
    }
}

extension WebHeader {
    var json: JSONValue {
        [.string(self.name), .string(self.value)]
    }

    static func list(_ value: JSONValue) throws(JSONError) -> [WebHeader] {
        guard value != .null else { return [] }
        guard let pairs = value.array else { throw JSONError("headers: expected a list, found \(value.kind)") }
        var headers: [WebHeader] = []
        headers.reserveCapacity(pairs.count)
        for (index, pair) in pairs.enumerated() {
            guard let pair = pair.array, pair.count == 2, let name = pair[0].string, let value = pair[1].string else {
                throw JSONError("headers[\(index)]: expected a list of a name and a value")
            }
            headers.append(WebHeader(name, value))
        }
        return headers
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ headers: [WebHeader]) {
        self.raw("[")
        for (index, header) in headers.enumerated() {
            self.raw(index == 0 ? "[" : ",[")
            self.write(header.name)
            self.raw(",")
            self.write(header.value)
            self.raw("]")
        }
        self.raw("]")
    }
}
