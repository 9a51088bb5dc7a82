/// Bytes that travel with a message and that nobody on the way needs to look at.
///
/// A payload is immutable and cheap to hand on: it holds a reference, either to bytes of its own or to whatever the transport
/// received them in, so passing it through a router copies nothing.
public struct Payload: Sendable {
    private enum Storage: Sendable {
        case empty
        case bytes([UInt8])
        case external(any PayloadStorage)
    }

    private let storage: Storage

    /// A payload of no bytes.
    public static let empty = Payload()

    public init() {
        self.storage = .empty
    }

    public init(_ bytes: [UInt8]) {
        self.storage = bytes.isEmpty ? .empty : .bytes(bytes)
    }

    /// A payload with the UTF-8 of a text.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// A payload in the transport's own memory.
    public init(external storage: any PayloadStorage) {
        self.storage = .external(storage)
    }

    /// What the transport received these bytes in, if they came from one.
    public var external: (any PayloadStorage)? {
        guard case .external(let storage) = self.storage else { return nil }
        return storage
    }

    public var count: Int {
        switch self.storage {
        case .empty: 0
        case .bytes(let bytes): bytes.count
        case .external(let storage): storage.count
        }
    }

    public var isEmpty: Bool {
        self.count == 0
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] {
        guard case .bytes(let bytes) = self.storage else { return self.withUnsafeBytes { Array($0) } }
        return bytes
    }

    /// The bytes as text; sequences that are not UTF-8 are repaired.
    public var text: String {
        self.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls a closure with the bytes, which are valid only while it runs.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        switch self.storage {
        case .empty: try body(UnsafeRawBufferPointer(start: nil, count: 0))
        case .bytes(let bytes): try bytes.span.bytes.withUnsafeBytes(body)
        case .external(let storage): try storage.withUnsafeBytes(body)
        }
    }
}

/// Memory of a transport that holds a payload.
///
/// The bytes MUST stay what they are as long as the object lives.
public protocol PayloadStorage: AnyObject, Sendable {
    var count: Int { get }

    /// Calls a closure with the bytes, which are valid only while it runs.
    func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result
}

extension Payload: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in
                left.count == right.count && left.elementsEqual(right)
            }
        }
    }
}

extension Payload: ExpressibleByStringLiteral {
    public init(stringLiteral text: String) {
        self.init(text)
    }
}

extension Payload: CustomStringConvertible {
    public var description: String {
        "\(self.count) bytes"
    }
}
