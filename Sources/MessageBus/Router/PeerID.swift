/// One connection to a ROUTER socket, as libzmq names it.
///
/// libzmq gives each connection a routing id of five bytes, a zero and a number that it does not use again soon. A peer that sets a
/// routing id of its own is not served (`docs/wire-protocol.md` §1), so the number is all there is to know, and nobody
/// can take over the name of another connection.
public struct PeerID: Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

extension PeerID {
    static let routingIDSize = 5

    /// The connection with a routing id; `nil` for one that libzmq did not choose.
    init?(routingID bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.routingIDSize, bytes[0] == 0 else { return nil }
        self.rawValue = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 1, as: UInt32.self))
    }

    func write(to buffer: UnsafeMutableRawBufferPointer) {
        buffer[0] = 0
        buffer.storeBytes(of: self.rawValue.bigEndian, toByteOffset: 1, as: UInt32.self)
    }
}

extension PeerID: CustomStringConvertible {
    public var description: String {
        String(self.rawValue, radix: 16)
    }
}
