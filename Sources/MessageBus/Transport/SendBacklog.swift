internal import WireProtocol

/// The messages that were not handed to libzmq yet, in order, within a bound on their number and their bytes.
///
/// They wait to leave together with those that follow at once, or for libzmq to have room.
struct SendBacklog {
    /// As many messages make a burst that is worth a wake-up of libzmq's thread.
    private static let burstCount = 16
    /// As many bytes do too.
    private static let burstBytes = 64 * 1024
    /// No message waits longer than this for company.
    private static let burstTime = Duration.microseconds(200)
    /// Room for so many messages is kept when it is empty again.
    private static let roomMax = 256

    private struct Entry {
        let envelope: Envelope
        let keptAt: MonotonicTime
    }

    private var entries: [Entry] = []
    /// The entries before this one have left.
    private var next = 0
    private var byteCount = 0
    private let countMax: Int
    private let byteCountMax: Int

    /// - Parameters:
    ///   - countMax: The most messages to keep.
    ///   - byteCountMax: The most bytes to keep; one message is kept whatever its size.
    init(countMax: Int, byteCountMax: Int) {
        self.countMax = countMax
        self.byteCountMax = byteCountMax
    }

    var isEmpty: Bool { self.next == self.entries.count }
    var count: Int { self.entries.count - self.next }

    /// Whether what waits should leave now, not only when there is nothing else to do.
    func isBurst(at now: MonotonicTime) -> Bool {
        guard self.next < self.entries.count else { return false }
        return self.count >= Self.burstCount || self.byteCount >= Self.burstBytes
            || now.since(self.entries[self.next].keptAt) >= Self.burstTime
    }

    /// Keeps a message; `false` when there is no room.
    mutating func append(_ envelope: consuming Envelope, at now: MonotonicTime) -> Bool {
        let bytes = self.byteCount + envelope.encodedSize
        guard self.isEmpty || (self.count < self.countMax && bytes <= self.byteCountMax) else { return false }
        self.entries.append(Entry(envelope: envelope, keptAt: now))
        self.byteCount = bytes
        return true
    }

    /// The next message to send, with what is left of its budget.
    func first(at now: MonotonicTime) -> Envelope? {
        guard self.next < self.entries.count else { return nil }
        let waited = now.millisecondsSince(self.entries[self.next].keptAt)
        return self.entries[self.next].envelope.withBudget(shortenedBy: waited)
    }

    /// Which of the first messages may travel in one pack.
    ///
    /// - Parameter isWanted: Whether a message is still worth sending: the pack ends before one that is not.
    /// - Returns: How many, and the bytes that they take; nil when there are not two of them.
    func pack(where isWanted: (Header) -> Bool) -> (count: Int, size: Int)? {
        var size = 0
        var end = self.next
        let last = min(self.entries.count, self.next + WireLimits.packMessages)
        while end < last, let bytes = Pack.size(of: self.entries[end].envelope),
            size + bytes <= WireLimits.packSize, isWanted(self.entries[end].envelope.header)
        {
            size += bytes
            end += 1
        }
        return end - self.next > 1 ? (end - self.next, size) : nil
    }

    /// Writes the first messages as a pack, with what is left of their budgets.
    func writePack(of count: Int, at now: MonotonicTime, to buffer: UnsafeMutableRawBufferPointer) {
        var offset = 0
        for index in self.next..<self.next + count {
            let waited = now.millisecondsSince(self.entries[index].keptAt)
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[offset...])
            // Nearly all leave in the millisecond in which they came, and need not be copied for it.
            if waited == 0 {
                offset += Pack.write(self.entries[index].envelope, to: rest)
            } else {
                offset += Pack.write(self.entries[index].envelope.withBudget(shortenedBy: waited), to: rest)
            }
        }
    }

    mutating func removeFirst() {
        self.removeFirst(1)
    }

    mutating func removeFirst(_ count: Int) {
        guard count < self.count else { return self.removeAll() }
        for _ in 0..<count {
            self.byteCount -= self.entries[self.next].envelope.encodedSize
            self.next += 1
        }
        // Moving what is left costs no more than what has gone.
        guard self.next > Self.burstCount, self.next * 2 >= self.entries.count else { return }
        self.entries.removeFirst(self.next)
        self.next = 0
    }

    mutating func removeAll() {
        // Room for a burst is used again and again; that of a long wait is given back.
        self.entries.removeAll(keepingCapacity: self.entries.capacity <= Self.roomMax)
        self.next = 0
        self.byteCount = 0
    }
}

extension Envelope {
    /// Every hop passes on what is left of a call's time, and waiting here is one.
    @inline(__always)
    fileprivate func withBudget(shortenedBy milliseconds: UInt32) -> Envelope {
        guard self.header.kind == .call, milliseconds > 0 else { return self }
        var header = self.header
        header.budgetMilliseconds -= min(header.budgetMilliseconds - 1, milliseconds)
        return Envelope(header, metadata: self.metadata, body: self.body)
    }
}
