public import WireProtocol

/// What a spam-checker callback says.
public enum SpamVerdict: Hashable, Sendable {
    /// Nothing against it; the next module is asked.
    case notSpam
    /// Refused with an error code such as `M_FORBIDDEN`, and members to add to the error's body.
    case reject(code: String, fields: JSONObject)

    /// Refused with `M_FORBIDDEN`.
    public static let forbidden = Self.reject(code: "M_FORBIDDEN", fields: [:])

    public static func reject(code: String) -> Self {
        .reject(code: code, fields: [:])
    }
}

extension SpamVerdict {
    var answer: CallbackAnswer {
        switch self {
        case .notSpam: .noOpinion
        case .reject(let code, let fields) where fields.isEmpty: .result(.string(code))
        case .reject(let code, let fields): .result([.string(code), .object(fields)])
        }
    }
}
