public import WireProtocol

/// One line of a recording: a callback and what it was called with.
///
/// A line is a JSON object: `{"category":"spam_checker","callback":"user_may_invite","args":{"inviter":"@a:b"}}`.
public struct RecordedCall: Sendable {
    /// Where it stands in the recording, from 1.
    public let line: Int
    /// How much of the recording it is, with its line feed.
    public let lineBytes: Int
    public let category: String
    public let callback: String
    /// The named arguments as a JSON object.
    public let arguments: Payload

    /// The name by which the call is counted.
    public var name: String { "\(self.category)/\(self.callback)" }

    /// The path that a host posts the arguments to.
    public var path: String { "/_ganglion/v1/callbacks/\(self.category)/\(self.callback)" }

    /// Reads one line.
    ///
    /// - Parameters:
    ///   - bytes: the line without its line feed.
    ///   - line: its number, from 1.
    /// - Throws: `JSONError` that says what is missing or wrong.
    public init(parsing bytes: [UInt8], line: Int) throws(JSONError) {
        let object = try JSONReader(JSONValue(parsing: Payload(bytes)), path: "")
        self.line = line
        self.lineBytes = bytes.count + 1
        self.category = try Self.name(object, "category")
        self.callback = try Self.name(object, "callback")
        let arguments = object.value("args")
        guard arguments.object != nil else {
            throw JSONError("args: expected an object of named arguments, found \(arguments.kind)")
        }
        self.arguments = arguments.encoded()
    }

    /// The two names become segments of a path, so nothing else than a plain word can be one.
    private static func name(_ object: JSONReader, _ key: String) throws(JSONError) -> String {
        let text = try object.string(key)
        let plain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard plain, !text.isEmpty else { throw JSONError("\(key): '\(text)' names nothing of a catalogue") }
        return text
    }
}
