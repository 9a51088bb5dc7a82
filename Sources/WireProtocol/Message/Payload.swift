/// Bytes that travel with a message and that nobody on the way needs to look at.
///
/// A payload is immutable and cheap to hand on: it holds a reference, either to bytes of its own or to whatever the transport
/// received them in, so passing it through a router copies nothing.
///
/// `@unchecked Sendable` because of the address: it is of bytes that nobody changes, which stay there while the owner
/// lives, and the owner is a ``PayloadStorage``, which is `Sendable`, or bytes that were written before anybody else had them.
public struct Payload: @unchecked Sendable {
    /// What the transport received these bytes in, or where they were copied to; nil when there are none.
    @usableFromInline let owner: AnyObject?
    // Looked up once, not through the owner each time: every message is looked at several times on its way.
    @usableFromInline let start: UnsafeRawPointer?
    public let count: Int

    /// A payload of no bytes.
    @inlinable public static var empty: Payload { Payload() }

    @inlinable
    public init() {
        self.owner = nil
        self.start = nil
        self.count = 0
    }

    public init(_ bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Payload(copying: $0) }
    }

    /// A payload with a copy of some bytes.
    public init(copying bytes: UnsafeRawBufferPointer) {
        self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
    }

    /// A payload of `count` bytes, written in place.
    ///
    /// - Parameters:
    ///   - count: The size in bytes.
    ///   - write: Writes every one of the bytes: they are not zero before. Not called where there are none.
    public init(count: Int, writing write: (UnsafeMutableRawBufferPointer) -> Void) {
        let own = count == 0 ? nil : OwnBytes.make(count: count, writing: write)
        self.owner = own
        self.start = own?.start
        self.count = count
    }

    /// A payload with the UTF-8 of a text.
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { Payload(copying: UnsafeRawBufferPointer($0)) }
    }

    /// A payload in the transport's own memory.
    public init(external storage: any PayloadStorage) {
        let bytes = storage.bytes
        self.owner = storage
        self.start = bytes.baseAddress
        self.count = bytes.count
    }

    private init(owner: AnyObject?, start: UnsafeRawPointer?, count: Int) {
        self.owner = owner
        self.start = start
        self.count = count
    }

    /// A part of the bytes, in the same memory, which it keeps as a whole.
    ///
    /// - Parameter range: Which bytes; a range that is not within them traps.
    /// - Returns: The part.
    public func part(_ range: Range<Int>) -> Payload {
        precondition(range.lowerBound >= 0 && range.upperBound <= self.count, "The part is not within the payload.")
        guard let start = self.start, !range.isEmpty else { return .empty }
        return Payload(owner: self.owner, start: start + range.lowerBound, count: range.count)
    }

    /// The same bytes for whoever keeps them for long.
    ///
    /// What a transport received may lie among other messages that would stay in memory with it: short bytes are copied.
    public func kept() -> Payload {
        guard self.count < Self.keptAsIs, self.owner is any PayloadStorage else { return self }
        return self.withUnsafeBytes { Payload(copying: $0) }
    }

    /// No transport receives so many bytes together with others.
    private static let keptAsIs = 64 << 10

    /// Takes out what the transport received exactly these bytes in, and leaves no bytes.
    ///
    /// Whoever had them alone has the storage alone then. Where it is none, the bytes stay.
    ///
    /// - Parameter type: What the transport receives in: a final class.
    /// - Returns: What they were received in; nil if it is nothing of just that type, or holds others too.
    @inlinable
    public mutating func takeStorage<Storage: PayloadStorage>(as type: Storage.Type) -> Storage? {
        // Compared, not cast: each message that leaves is asked, and a cast looks through the classes above.
        guard let owner = self.owner, Swift.type(of: owner) == type else { return nil }
        let storage = unsafeDowncast(owner, to: type)
        guard storage.bytes.count == self.count else { return nil }
        self = .empty
        return storage
    }

    public var isEmpty: Bool {
        self.count == 0
    }

    /// A copy of the bytes.
    public var bytes: [UInt8] {
        self.withUnsafeBytes { Array($0) }
    }

    /// The bytes as text; sequences that are not UTF-8 are repaired.
    public var text: String {
        self.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls a closure with the bytes, which are valid only while it runs.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self.owner) {} }
        return try body(UnsafeRawBufferPointer(start: self.start, count: self.count))
    }
}

/// Memory of a transport that holds a payload.
public protocol PayloadStorage: AnyObject, Sendable {
    /// The bytes, which MUST stay what they are and where they are as long as the object lives.
    var bytes: UnsafeRawBufferPointer { get }
}

/// Bytes that belong to payloads only, in one piece of memory with their count of references.
private final class OwnBytes: ManagedBuffer<Void, UInt8> {
    static func make(count: Int, writing write: (UnsafeMutableRawBufferPointer) -> Void) -> OwnBytes {
        let created = self.create(minimumCapacity: count) { _ in }
        created.withUnsafeMutablePointerToElements { elements in
            write(UnsafeMutableRawBufferPointer(start: elements, count: count))
        }
        return unsafeDowncast(created, to: OwnBytes.self)
    }

    /// Where the bytes are as long as the object lives: behind its head.
    var start: UnsafeRawPointer {
        self.withUnsafeMutablePointerToElements { UnsafeRawPointer($0) }
    }
}

extension Payload: Equatable {
    public static func == (left: Self, right: Self) -> Bool {
        left.withUnsafeBytes { left in
            right.withUnsafeBytes { left.hasBytes(of: $0) }
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
