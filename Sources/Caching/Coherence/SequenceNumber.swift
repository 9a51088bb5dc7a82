/// Which invalidation: the number that a cache service gave it, within the time that the service was in office.
///
/// A service that starts takes a higher ``epoch`` than any before it and counts from 1 again, so later is always greater.
public struct SequenceNumber: Hashable, Sendable {
    public var epoch: UInt64
    public var value: UInt64

    public init(epoch: UInt64, value: UInt64) {
        self.epoch = epoch
        self.value = value
    }

    /// Before every invalidation.
    public static let none = Self(epoch: 0, value: 0)
}

extension SequenceNumber: Comparable {
    public static func < (left: Self, right: Self) -> Bool {
        (left.epoch, left.value) < (right.epoch, right.value)
    }
}

extension SequenceNumber: CustomStringConvertible {
    public var description: String { "\(self.epoch).\(self.value)" }
}
