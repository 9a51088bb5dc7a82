internal import WireProtocol

/// The messages of one pack, written as they leave, in memory that is used for the next pack again.
struct PackFilling {
    private var bytes: [UInt8] = []
    private(set) var size = 0
    private(set) var count = 0

    var isEmpty: Bool { self.count == 0 }

    /// Whether a message of so many bytes, as ``Pack/size(of:)`` has them, fits.
    func hasRoom(for size: Int) -> Bool {
        self.count < WireLimits.packMessages && self.size + size <= WireLimits.packSize
    }

    /// Writes a message behind those that are there.
    ///
    /// - Precondition: There is room for it.
    mutating func add(_ envelope: Envelope, of size: Int) {
        if self.bytes.isEmpty { self.bytes = [UInt8](repeating: 0, count: WireLimits.packSize) }
        let offset = self.size
        self.size = offset + size
        self.count += 1
        self.bytes.withUnsafeMutableBytes { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[offset..<offset + size])
            _ = Pack.write(envelope, to: room)
        }
    }

    /// The same messages, in memory of their own of just their size: nothing can be added to them.
    func closed() -> PackFilling {
        var closed = self
        closed.bytes = Array(self.bytes[..<self.size])
        return closed
    }

    /// Forgets the messages, and keeps their memory.
    mutating func removeAll() {
        self.size = 0
        self.count = 0
    }

    /// Copies the messages into a buffer of ``size`` bytes.
    func write(to buffer: UnsafeMutableRawBufferPointer) {
        self.bytes.withUnsafeBytes { bytes in
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<self.size]))
        }
    }

    /// The messages, as the other side reads them.
    var envelopes: [Envelope] {
        guard !self.isEmpty else { return [] }
        var targets = TargetMemo(count: 0)
        let body = self.bytes.withUnsafeBytes { Payload(copying: UnsafeRawBufferPointer(rebasing: $0[..<self.size])) }
        guard var reader = try? PackReader(Envelope(Header(kind: .pack), body: body)) else { return [] }
        var envelopes: [Envelope] = []
        while let next = try? reader.next(remembering: &targets, bodySizeMax: self.size) { envelopes.append(next) }
        return envelopes
    }

    /// Takes time off its calls' budgets, and leaves out the calls that nobody waits for.
    mutating func shorten(by milliseconds: UInt32, where isWanted: (UInt64) -> Bool) {
        guard !self.isEmpty else { return }
        let size = self.size
        (self.count, self.size) = self.bytes.withUnsafeMutableBytes { bytes in
            Pack.revise(
                UnsafeMutableRawBufferPointer(rebasing: bytes[..<size]),
                shortenedBy: milliseconds,
                where: isWanted
            )
        }
    }
}
