/// The JSON body of a control message.
public protocol ControlBody: Equatable, Sendable {
    /// Reads the body; members it does not know are ignored.
    ///
    /// - Throws: ``JSONError`` that names the member.
    init(json: JSONValue) throws(JSONError)

    var json: JSONValue { get }
}

extension ControlBody {
    /// Reads the body of a received control message.
    ///
    /// - Throws: ``WireError`` with code `control_body`.
    public init(decoding payload: Payload) throws(WireError) {
        do throws(JSONError) {
            try self.init(json: JSONValue(parsing: payload))
        } catch {
            throw WireError(.controlBody, error.description)
        }
    }

    public func encoded() -> Payload {
        self.json.encoded()
    }
}
