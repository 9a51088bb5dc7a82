/// The metadata of a message, or that it has none.
///
/// Not `Payload?`, which each message would be copied with several times on its way: a copy of that asks the type at run time
/// whether there is anything in it.
public struct Metadata: Equatable, Sendable {
    @usableFromInline let bytes: Payload
    /// Whether there is any; it may have no bytes.
    public let isPresent: Bool

    /// None.
    @inlinable public static var none: Metadata { Metadata(nil) }

    @inlinable
    public init(_ payload: Payload?) {
        self.bytes = payload ?? .empty
        self.isPresent = payload != nil
    }

    /// The bytes; nil when there is none.
    @inlinable public var payload: Payload? { self.isPresent ? self.bytes : nil }
    /// How many bytes there are.
    @inlinable public var count: Int { self.bytes.count }
}
