/// What a module says with `READY`: that it takes calls, or that it disables itself and why (`docs/wire-protocol.md` §3.7).
public struct Readiness: ControlBody {
    /// The most bytes of a reason that are kept.
    public static let reasonSizeMax = 1024

    /// Why the module takes no calls; nil when it does.
    public var disabledBecause: String?

    public init(disabledBecause: String? = nil) {
        self.disabledBecause = disabledBecause.map(Self.cut)
    }

    public init(json: JSONValue) throws(JSONError) {
        let reason = try JSONReader(json).string("disabled", default: "")
        self.init(disabledBecause: reason.isEmpty ? nil : reason)
    }

    public var json: JSONValue {
        guard let reason = self.disabledBecause else { return [:] }
        return ["disabled": .string(reason)]
    }

    /// Reads the body of a `READY`, which is empty where there is nothing to say.
    public init(ofReady body: Payload) throws(WireError) {
        if body.isEmpty {
            self.init()
        } else {
            try self.init(decoding: body)
        }
    }

    /// The body of a `READY`.
    public var body: Payload { self.disabledBecause == nil ? .empty : self.encoded() }

    /// A reason of no words is a reason too.
    private static func cut(_ text: String) -> String {
        let cut = String(decoding: text.utf8.prefix(Self.reasonSizeMax), as: UTF8.self)
        return cut.isEmpty ? "no reason given" : cut
    }
}
