internal import CZeroMQ

/// The public half of a CURVE key pair: what others know an owner by.
public struct CurvePublicKey: Hashable, Sendable {
    let bytes: [UInt8]

    /// Reads a key from its 40 characters of Z85; `nil` if they are not a key.
    public init?(_ z85: String) {
        guard let bytes = Z85.decode(z85) else { return nil }
        self.bytes = bytes
    }

    /// The key as 40 characters of Z85.
    public var z85: String { Z85.encode(self.bytes) }
}

extension CurvePublicKey: CustomStringConvertible {
    public var description: String { self.z85 }
}

/// The secret half of a CURVE key pair.
///
/// It does not appear in descriptions.
public struct CurveSecretKey: Sendable {
    let bytes: [UInt8]

    /// Reads a key from its 40 characters of Z85; `nil` if they are not a key.
    public init?(_ z85: String) {
        guard let bytes = Z85.decode(z85) else { return nil }
        self.bytes = bytes
    }

    /// The key as 40 characters of Z85, to be stored where only its owner can read it.
    public var z85: String { Z85.encode(self.bytes) }

    /// The public key that belongs to this one.
    ///
    /// - Throws: ``ZeroMQError`` when libzmq was built without CURVE.
    public func publicKey() throws(ZeroMQError) -> CurvePublicKey {
        var text = [CChar](repeating: 0, count: Z85.capacity)
        guard zmq_curve_public(&text, self.z85) == 0, let key = CurvePublicKey(Z85.string(text)) else {
            throw ZeroMQError(call: "zmq_curve_public")
        }
        return key
    }
}

extension CurveSecretKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "<secret key>" }
    public var debugDescription: String { self.description }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Both halves of a CURVE key.
public struct CurveKeyPair: Sendable {
    public let publicKey: CurvePublicKey
    public let secretKey: CurveSecretKey

    public init(publicKey: CurvePublicKey, secretKey: CurveSecretKey) {
        self.publicKey = publicKey
        self.secretKey = secretKey
    }

    /// Makes a new pair.
    ///
    /// - Throws: ``ZeroMQError`` when libzmq was built without CURVE.
    public static func generate() throws(ZeroMQError) -> CurveKeyPair {
        var publicText = [CChar](repeating: 0, count: Z85.capacity)
        var secretText = [CChar](repeating: 0, count: Z85.capacity)
        guard
            zmq_curve_keypair(&publicText, &secretText) == 0,
            let publicKey = CurvePublicKey(Z85.string(publicText)),
            let secretKey = CurveSecretKey(Z85.string(secretText))
        else {
            throw ZeroMQError(call: "zmq_curve_keypair")
        }
        return CurveKeyPair(publicKey: publicKey, secretKey: secretKey)
    }
}

/// The text form of keys: 32 bytes in 40 printable characters.
private enum Z85 {
    /// The 40 characters and the zero byte that libzmq ends them with.
    static let capacity = 41

    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 40 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        return zmq_z85_decode(&bytes, text) == nil ? nil : bytes
    }

    static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: Self.capacity)
        zmq_z85_encode(&text, bytes, bytes.count)
        return Self.string(text)
    }

    static func string(_ text: [CChar]) -> String {
        String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
