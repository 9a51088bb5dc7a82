/// What an unquoted YAML scalar means.
///
/// Booleans follow YAML 1.1 (`yes`, `no`, `on`, `off`), as the files that people bring from Synapse do. What YAML's
/// versions read differently (`0644`) is reported rather than guessed.
enum PlainScalar: Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A finite number that is not an integer, as JSON writes it.
    case number(String)
    case text(String)
    /// Something that looks like a number and must not be taken for one silently.
    case refused(String)

    init(_ text: String) {
        if ["", "~", "null", "Null", "NULL"].contains(text) {
            self = .null
        } else if let boolean = Self.boolean(text) {
            self = .boolean(boolean)
        } else if let number = Self.integer(text) ?? Self.real(text) {
            self = number
        } else {
            self = .text(text)
        }
    }

    private static func boolean(_ text: String) -> Bool? {
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": true
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF": false
        default: nil
        }
    }

    private static func integer(_ text: String) -> Self? {
        let sign = text.prefix { $0 == "-" || $0 == "+" }
        let body = text.dropFirst(sign.count)
        guard sign.count <= 1, let first = body.first, first.isASCII, first.isNumber else { return nil }
        let radix = body.hasPrefix("0x") ? 16 : body.hasPrefix("0o") ? 8 : 10
        let digits = (radix == 10 ? body : body.dropFirst(2)).filter { $0 != "_" }
        guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.hexDigitValue.map { $0 < radix } ?? false }) else {
            return nil
        }
        if radix == 10, digits.count > 1, digits.first == "0" {
            return .refused(
                "`\(text)` is octal to some readers of YAML: quote it, or write 0o\(digits.drop { $0 == "0" })"
            )
        }
        guard let value = Int64(sign + digits, radix: radix) else {
            return .refused("`\(text)` does not fit into 64 bits: quote it")
        }
        return .integer(value)
    }

    private static func real(_ text: String) -> Self? {
        if [".inf", "-.inf", "+.inf", ".nan"].contains(text.lowercased()) {
            return .refused("JSON has no `\(text)`: quote it or leave it out")
        }
        let allowed = text.utf8.allSatisfy { Self.realBytes.contains($0) }
        guard allowed, text.utf8.contains(where: { Self.digits.contains($0) }), let value = Double(text) else {
            return nil
        }
        guard value.isFinite else { return .refused("`\(text)` is beyond the range of a double: quote it") }
        return .number(value.description)
    }

    private static let digits = Set("0123456789".utf8)
    private static let realBytes = Set("0123456789+-.eE".utf8)
}
