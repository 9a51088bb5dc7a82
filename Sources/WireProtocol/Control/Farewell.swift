/// The last message of a connection and why it ends (`docs/wire-protocol.md` §3.6).
public struct Farewell: ControlBody {
    public enum Reason: String, Sendable {
        /// It was asked to stop.
        case shutdown
        /// It cannot use its configuration.
        case configuration
        /// It could not start, for another reason.
        case failed
    }

    /// One problem, at its place in the operator's configuration where it has one.
    public struct Problem: Hashable, Sendable {
        public var path: String
        public var message: String

        public init(path: String = "", message: String) {
            self.path = path
            self.message = message
        }
    }

    public var reason: Reason
    public var problems: [Problem]

    public init(reason: Reason, problems: [Problem] = []) {
        self.reason = reason
        self.problems = problems
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.reason = Reason(rawValue: try reader.string("reason", default: Reason.shutdown.rawValue)) ?? .failed
        self.problems = try reader.objects("errors") { error throws(JSONError) in
            Problem(path: try error.string("path", default: ""), message: try error.string("message", default: ""))
        }
    }

    public var json: JSONValue {
        [
            "reason": .string(self.reason.rawValue),
            "errors": .array(
                self.problems.map { ["path": .string($0.path), "message": .string($0.message)] }
            ),
        ]
    }
}
