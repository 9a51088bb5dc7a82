/// The first frame of every message: 24 bytes, little endian, then the target.
///
/// The layout is fixed by `docs/wire-protocol.md` §2.1.
public struct Header: Hashable, Sendable {
    public var kind: MessageKind
    public var flags: MessageFlags
    /// What is left of the time for a call, in milliseconds; 0 for everything that is not a call.
    public var budgetMilliseconds: UInt32
    /// Which call, or which ping, the message belongs to.
    public var callID: UInt64
    /// The routing table's epoch, 0 for none.
    public var epoch: UInt64
    /// What is called, or in a reply to a callback who decided.
    public var target: String

    public init(
        kind: MessageKind,
        flags: MessageFlags = [],
        budgetMilliseconds: UInt32 = 0,
        callID: UInt64 = 0,
        epoch: UInt64 = 0,
        target: String = ""
    ) {
        self.kind = kind
        self.flags = flags
        self.budgetMilliseconds = budgetMilliseconds
        self.callID = callID
        self.epoch = epoch
        self.target = target
    }
}

extension Header {
    /// Reads a header from a frame.
    ///
    /// Any bytes give a header or an error; none trap.
    ///
    /// - Parameter bytes: The whole frame.
    /// - Throws: ``WireError`` with the rule that the bytes break.
    public init(decoding bytes: UnsafeRawBufferPointer) throws(WireError) {
        var targets = TargetMemo(count: 0)
        try self.init(decoding: bytes, remembering: &targets)
    }

    /// Reads a header from a frame, and takes its target from those that were read before where it can.
    public init(decoding bytes: UnsafeRawBufferPointer, remembering targets: inout TargetMemo) throws(WireError) {
        guard bytes.count >= WireLimits.headerSize else {
            throw WireError(.headerTooShort, "\(bytes.count) bytes, a header has at least \(WireLimits.headerSize)")
        }
        guard bytes[0] == WireLimits.version else {
            throw WireError(.unsupportedVersion, "version \(bytes[0]), this side speaks \(WireLimits.version)")
        }
        guard let kind = MessageKind(rawValue: bytes[1]) else {
            throw WireError(.unknownKind, "kind \(bytes[1])")
        }
        self.kind = kind
        self.flags = MessageFlags(
            rawValue: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        )
        self.budgetMilliseconds = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        self.callID = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        self.epoch = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        let target = UnsafeRawBufferPointer(rebasing: bytes[WireLimits.headerSize...])
        self.target = try targets.text(of: target) { bytes throws(WireError) in try Self.target(in: bytes) }
    }

    private static func target(in bytes: UnsafeRawBufferPointer) throws(WireError) -> String {
        guard !bytes.isEmpty else { return "" }
        guard bytes.count <= WireLimits.targetSize else {
            throw WireError(.targetTooLong, "\(bytes.count) bytes, a target has at most \(WireLimits.targetSize)")
        }
        // Nearly every target is plain ASCII, which needs no validation, and takes a shorter way into a string.
        if PlainLetters.end(in: bytes, from: 0) == bytes.count {
            return bytes.withMemoryRebound(to: UInt8.self) { String(decoding: $0, as: UTF8.self) }
        }
        guard let target = String(validating: bytes, as: UTF8.self) else {
            throw WireError(.targetNotUTF8, "the target is not UTF-8")
        }
        return target
    }

    /// The bytes that ``write(to:)`` needs.
    public var encodedSize: Int {
        WireLimits.headerSize + self.target.utf8.count
    }

    /// Writes the header into a buffer of ``encodedSize`` bytes.
    public func write(to buffer: UnsafeMutableRawBufferPointer) {
        precondition(buffer.count >= self.encodedSize, "The buffer is shorter than the header.")
        buffer[0] = WireLimits.version
        buffer[1] = self.kind.rawValue
        buffer.storeBytes(of: self.flags.rawValue.littleEndian, toByteOffset: 2, as: UInt16.self)
        buffer.storeBytes(of: self.budgetMilliseconds.littleEndian, toByteOffset: 4, as: UInt32.self)
        buffer.storeBytes(of: self.callID.littleEndian, toByteOffset: 8, as: UInt64.self)
        buffer.storeBytes(of: self.epoch.littleEndian, toByteOffset: 16, as: UInt64.self)
        let room = UnsafeMutableRawBufferPointer(rebasing: buffer[WireLimits.headerSize...])
        // Not `withUTF8`, which wants a string that it may change, and so a copy of this one.
        let hasCopied: Void? = self.target.utf8.withContiguousStorageIfAvailable {
            room.copyMemory(from: UnsafeRawBufferPointer($0))
        }
        if hasCopied == nil { room.copyBytes(from: self.target.utf8) }
    }

    /// Takes time off the budget in a header that ``write(to:)`` has written, if it is that of a call.
    ///
    /// - Returns: `false` for a call that is not wanted any more.
    static func shorten(
        _ bytes: UnsafeMutableRawBufferPointer,
        at start: Int,
        by milliseconds: UInt32,
        where isWanted: (UInt64) -> Bool
    ) -> Bool {
        guard bytes[start + 1] == MessageKind.call.rawValue else { return true }
        guard isWanted(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))) else {
            return false
        }
        let budget = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4, as: UInt32.self))
        let left = max(budget, 1) - min(max(budget, 1) - 1, milliseconds)
        bytes.storeBytes(of: left.littleEndian, toByteOffset: start + 4, as: UInt32.self)
        return true
    }

    /// The header as the bytes of a frame.
    public func encoded() -> [UInt8] {
        let size = self.encodedSize
        return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            self.write(to: UnsafeMutableRawBufferPointer(buffer))
            count = size
        }
    }
}
