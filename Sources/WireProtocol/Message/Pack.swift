/// Several short messages about calls in the body of one `PACK` (`docs/wire-protocol.md` §2.4).
///
/// What a message costs between two processes hardly depends on its size while it is short: packed, twenty of them cost little more
/// than one.
public enum Pack {
    /// The bytes before each message: the sizes of what follows.
    static let prefixSize = 12
    /// A longer message gains nothing by being copied into a pack.
    public static let letterSizeMax = 4096

    /// Whether a kind of message may stand in a pack: those that carry calls.
    public static func takes(_ kind: MessageKind) -> Bool {
        switch kind {
        case .call, .reply, .cancel: true
        default: false
        }
    }

    /// The bytes of a message in a pack; nil for one that has to travel alone.
    public static func size(of envelope: Envelope) -> Int? {
        guard self.takes(envelope.header.kind) else { return nil }
        let size = self.prefixSize + envelope.encodedSize
        return size <= self.letterSizeMax ? size : nil
    }

    /// Several messages as the body of a pack; each has to be one that ``takes(_:)`` allows.
    public static func encoded(_ envelopes: [Envelope]) -> [UInt8] {
        envelopes.flatMap { envelope in
            let size = self.prefixSize + envelope.encodedSize
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = self.write(envelope, to: UnsafeMutableRawBufferPointer(buffer))
            }
        }
    }

    /// Writes a message at the beginning of a buffer.
    ///
    /// - Returns: The bytes written, which are ``size(of:)``.
    public static func write(_ envelope: Envelope, to buffer: UnsafeMutableRawBufferPointer) -> Int {
        let headerSize = envelope.header.encodedSize
        let metadataSize = envelope.heldMetadata.count
        let size = self.prefixSize + envelope.encodedSize
        precondition(buffer.count >= size, "The buffer is shorter than the message.")
        buffer.storeBytes(of: UInt32(headerSize).littleEndian, toByteOffset: 0, as: UInt32.self)
        buffer.storeBytes(of: UInt32(metadataSize).littleEndian, toByteOffset: 4, as: UInt32.self)
        buffer.storeBytes(of: UInt32(envelope.body.count).littleEndian, toByteOffset: 8, as: UInt32.self)
        var end = self.prefixSize + headerSize
        envelope.header.write(to: UnsafeMutableRawBufferPointer(rebasing: buffer[self.prefixSize..<end]))
        if let metadata = envelope.metadata {
            metadata.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: $0) }
            end += metadataSize
        }
        envelope.body.withUnsafeBytes { UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyMemory(from: $0) }
        return size
    }

    /// Takes time off the budgets of the calls in a pack, and leaves out those that nobody waits for.
    ///
    /// - Parameters:
    ///   - messages: What ``write(_:to:)`` has written, one message behind the other.
    ///   - milliseconds: How long they have waited. Every call keeps a millisecond at least.
    ///   - isWanted: Whether a call, by its id, is still worth sending.
    /// - Returns: How many messages are left, and their bytes, which begin where they did.
    public static func revise(
        _ messages: UnsafeMutableRawBufferPointer,
        shortenedBy milliseconds: UInt32,
        where isWanted: (UInt64) -> Bool
    ) -> (count: Int, size: Int) {
        var (count, size, offset) = (0, 0, 0)
        while offset < messages.count {
            let header = offset + self.prefixSize
            var end = header
            for size in stride(from: offset, to: header, by: 4) {
                end += Int(UInt32(littleEndian: messages.loadUnaligned(fromByteOffset: size, as: UInt32.self)))
            }
            precondition(end <= messages.count, "These are not the messages of a pack.")
            let message = UnsafeMutableRawBufferPointer(rebasing: messages[offset..<end])
            offset = end
            guard Header.shorten(message, at: self.prefixSize, by: milliseconds, where: isWanted) else { continue }
            UnsafeMutableRawBufferPointer(rebasing: messages[size...]).copyMemory(from: UnsafeRawBufferPointer(message))
            size += message.count
            count += 1
        }
        return (count, size)
    }
}
