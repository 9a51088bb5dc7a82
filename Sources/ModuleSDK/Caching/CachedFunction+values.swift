internal import Foundation
internal import WireProtocol

/// Values on their way to and from the cache service, as JSON.
extension CachedFunction {
    static func encode(_ value: Value) -> Payload? {
        // A value that JSON cannot say, such as infinity, is served where it was loaded and not shared.
        guard let data = try? JSONEncoder().encode(value) else { return nil }
        return Payload([UInt8](data))
    }

    static func decode(_ payload: Payload) -> Value? {
        try? JSONDecoder().decode(Value.self, from: Data(payload.bytes))
    }
}
