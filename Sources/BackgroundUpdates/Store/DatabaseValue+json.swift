internal import Foundation
internal import GRDB
internal import WireProtocol

/// SQLite's values as JSON and back, each kind kept.
///
/// Integers, texts and finite numbers are themselves. What JSON cannot say is an object of one member: `{"base64":"…"}` for a
/// blob, `{"real":"inf"}` for a number that is not finite.
extension JSONValue {
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .double(let number): self = number.isFinite ? .number(number) : ["real": .string("\(number)")]
        case .string(let text): self = .string(text)
        case .blob(let data): self = ["base64": .string(data.base64EncodedString())]
        }
    }
}

extension DatabaseValue {
    /// Nil for a list, and for an object of another form.
    init?(json: JSONValue) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = (value ? 1 : 0).databaseValue
        case .integer(let value): self = value.databaseValue
        case .number(let value): self = value.databaseValue
        case .string(let value): self = value.databaseValue
        case .array: return nil
        case .object(let object):
            guard object.count == 1 else { return nil }
            if let text = object["base64"]?.string, let data = Data(base64Encoded: text) {
                self = data.databaseValue
            } else if let text = object["real"]?.string, let number = Double(text) {
                self = number.databaseValue
            } else {
                return nil
            }
        }
    }
}

extension SkippedRow {
    var keyJSON: JSONValue { .array(self.key.map(JSONValue.init)) }
}
