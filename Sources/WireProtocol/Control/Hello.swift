/// What a peer says first: who it is and what it speaks (`docs/wire-protocol.md` §3.1).
public struct Hello: ControlBody {
    /// What a peer wants to be on the bus.
    public enum Role: String, CaseIterable, Sendable {
        /// It registers capabilities and serves calls.
        case module
        /// It calls and serves nothing.
        case host
    }

    /// The peer's name in the operator's configuration.
    public var id: String
    public var role: Role
    /// The module's own version.
    public var version: String
    /// New at every start of the process, kept over reconnects.
    public var incarnation: String
    /// The protocol versions the peer speaks.
    public var protocolRange: ClosedRange<UInt8>
    /// The heartbeat interval the peer wishes, in milliseconds.
    public var heartbeatMilliseconds: UInt32

    public init(
        id: String,
        role: Role,
        version: String,
        incarnation: String,
        protocolRange: ClosedRange<UInt8> = WireLimits.version...WireLimits.version,
        heartbeatMilliseconds: UInt32 = 1000
    ) {
        self.id = id
        self.role = role
        self.version = version
        self.incarnation = incarnation
        self.protocolRange = protocolRange
        self.heartbeatMilliseconds = heartbeatMilliseconds
    }

    public init(json: JSONValue) throws(JSONError) {
        let reader = try JSONReader(json)
        self.id = try reader.string("id")
        guard Hello.isValid(id: self.id) else {
            throw JSONError("id: '\(self.id.prefix(80))' is not a name of 1 to 63 of a-z, 0-9 and '-'")
        }
        self.role = try reader.choice("role")
        self.version = try reader.string("version", default: "")
        self.incarnation = try reader.string("incarnation")
        guard (1...64).contains(self.incarnation.utf8.count), self.version.utf8.count <= 128 else {
            throw JSONError("incarnation: 1 to 64 bytes; version: at most 128 bytes")
        }
        let range = try reader.object("protocol")
        let lowest: UInt8 = try range.integer("min", in: 1...UInt8.max)
        self.protocolRange = lowest...(try range.integer("max", in: lowest...UInt8.max))
        self.heartbeatMilliseconds = try reader.integer("heartbeat_ms", in: 10...30_000, default: 1000)
    }

    public var json: JSONValue {
        [
            "id": .string(self.id),
            "role": .string(self.role.rawValue),
            "version": .string(self.version),
            "incarnation": .string(self.incarnation),
            "protocol": [
                "min": .integer(Int64(self.protocolRange.lowerBound)),
                "max": .integer(Int64(self.protocolRange.upperBound)),
            ],
            "heartbeat_ms": .integer(Int64(self.heartbeatMilliseconds)),
        ]
    }

    /// Whether a name may be a peer's id: `[a-z0-9][a-z0-9-]{0,62}`.
    public static func isValid(id: String) -> Bool {
        let letters = id.utf8
        guard (1...63).contains(letters.count), letters.first != UInt8(ascii: "-") else { return false }
        return letters.allSatisfy { letter in
            switch letter {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
            default: false
            }
        }
    }
}
