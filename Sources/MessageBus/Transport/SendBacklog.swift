internal import WireProtocol

/// The messages that were not handed to libzmq yet, in order, within a bound on their number and their bytes.
///
/// They wait to leave together with those that follow at once, or for libzmq to have room.
struct SendBacklog {
    /// As many messages make a burst that is worth a wake-up of libzmq's thread: a share of the calls in flight, within these bounds.
    ///
    /// While the other side has little to do it should begin soon; while it has much, nobody waits for the first message of a burst,
    /// and a longer one costs both sides less for each message.
    private static let burstCounts = 16...64
    private static let burstShare = 4
    /// As many bytes do too.
    private static let burstBytes = 64 * 1024
    /// No message waits longer than this for company.
    private static let burstTime = Duration.microseconds(200)
    /// Room for so many parcels is kept when it is empty again.
    private static let roomMax = 256

    /// What leaves as one message of libzmq.
    enum Parcel {
        case alone(Envelope)
        case pack(PackFilling)
    }

    private struct Entry {
        var parcel: Parcel
        /// Since when its budgets have to be shortened.
        var keptAt: MonotonicTime
        let count: Int
        let size: Int
    }

    private var entries: [Entry] = []
    /// The entries before this one have left.
    private var next = 0
    /// The pack that is being filled; it leaves after all entries.
    private var open = PackFilling()
    private var openedAt = MonotonicTime(nanoseconds: 0)
    /// The size of the newest message in it.
    private var lastSize = 0
    private(set) var count = 0
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

    var isEmpty: Bool { self.count == 0 }

    /// Whether what waits should leave now, not only when there is nothing else to do.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - callCount: How many calls are in flight.
    /// - Returns: `false` while more may come that leave with it.
    func isBurst(at now: MonotonicTime, among callCount: Int) -> Bool {
        guard self.count > 0 else { return false }
        let enough = min(max(callCount / Self.burstShare, Self.burstCounts.lowerBound), Self.burstCounts.upperBound)
        if self.count >= enough || self.byteCount >= Self.burstBytes { return true }
        if !self.open.isEmpty, !self.open.hasRoom(for: self.lastSize) { return true }
        let oldest = self.next < self.entries.count ? self.entries[self.next].keptAt : self.openedAt
        return now.since(oldest) >= Self.burstTime
    }

    /// Keeps a message.
    ///
    /// - Parameters:
    ///   - envelope: The message.
    ///   - now: The time, from which on its budget is shortened.
    ///   - readsPacks: Whether the other side reads packs.
    /// - Returns: `false` when there is no room.
    mutating func append(_ envelope: Envelope, at now: MonotonicTime, readsPacks: Bool) -> Bool {
        let packedSize = readsPacks ? Pack.size(of: envelope) : nil
        let size = packedSize ?? envelope.encodedSize
        guard self.isEmpty || (self.count < self.countMax && self.byteCount + size <= self.byteCountMax) else {
            return false
        }
        self.count += 1
        self.byteCount += size
        guard let packedSize else {
            self.closePack()
            self.entries.append(Entry(parcel: .alone(envelope), keptAt: now, count: 1, size: size))
            return true
        }
        self.pack(envelope, of: packedSize, at: now)
        return true
    }

    private mutating func pack(_ envelope: Envelope, of size: Int, at now: MonotonicTime) {
        if !self.open.hasRoom(for: size) { self.closePack() }
        if self.open.isEmpty { self.openedAt = now }
        self.lastSize = size
        // All of a pack are shortened by the time since it was opened, also those that came later.
        let early = now.millisecondsSince(self.openedAt)
        self.open.add(early == 0 ? envelope : envelope.withBudget(lengthenedBy: early), of: size)
    }

    private mutating func closePack() {
        guard !self.open.isEmpty else { return }
        self.entries.append(
            Entry(
                parcel: .pack(self.open.closed()),
                keptAt: self.openedAt,
                count: self.open.count,
                size: self.open.size
            )
        )
        self.open.removeAll()
    }

    /// What is to leave next, with what is left of the calls' budgets; nil when there is nothing.
    ///
    /// - Parameters:
    ///   - now: The time.
    ///   - isWanted: Whether a call, by its id, is still worth sending: what is not is left out, where it has waited.
    /// - Returns: What leaves; the same again until ``removeFirst()``, with less time left.
    mutating func first(at now: MonotonicTime, where isWanted: (UInt64) -> Bool) -> Parcel? {
        while self.next < self.entries.count {
            if self.refreshFirst(at: now, where: isWanted) { return self.entries[self.next].parcel }
            self.removeFirst()
        }
        // Nearly all leave in the millisecond in which they came, and are not looked at again.
        let waited = now.millisecondsSince(self.openedAt)
        if waited > 0 { self.shortenOpen(by: waited, where: isWanted) }
        return self.open.isEmpty ? nil : .pack(self.open)
    }

    private mutating func shortenOpen(by milliseconds: UInt32, where isWanted: (UInt64) -> Bool) {
        let (count, size) = (self.open.count, self.open.size)
        self.open.shorten(by: milliseconds, where: isWanted)
        self.openedAt = self.openedAt.adding(milliseconds: milliseconds)
        self.count -= count - self.open.count
        self.byteCount -= size - self.open.size
    }

    /// Takes the time that the first entry has waited off its budgets; `false` when nobody wants it any more.
    private mutating func refreshFirst(at now: MonotonicTime, where isWanted: (UInt64) -> Bool) -> Bool {
        let waited = now.millisecondsSince(self.entries[self.next].keptAt)
        self.entries[self.next].keptAt = self.entries[self.next].keptAt.adding(milliseconds: waited)
        switch self.entries[self.next].parcel {
        case .alone(let envelope):
            guard envelope.header.kind != .call || isWanted(envelope.header.callID) else { return false }
            if waited > 0 { self.entries[self.next].parcel = .alone(envelope.withBudget(shortenedBy: waited)) }
            return true
        case .pack(var pack):
            if waited > 0 {
                pack.shorten(by: waited, where: isWanted)
                self.entries[self.next].parcel = .pack(pack)
            }
            return !pack.isEmpty
        }
    }

    /// Forgets what ``first(at:where:)`` gave: it has left.
    mutating func removeFirst() {
        guard self.next < self.entries.count else { return self.removeAll() }
        self.count -= self.entries[self.next].count
        self.byteCount -= self.entries[self.next].size
        self.next += 1
        if self.next == self.entries.count { return self.removeEntries() }
        // Moving what is left costs no more than what has gone.
        guard self.next > Self.burstCounts.lowerBound, self.next * 2 >= self.entries.count else { return }
        self.entries.removeFirst(self.next)
        self.next = 0
    }

    mutating func removeAll() {
        self.removeEntries()
        self.open.removeAll()
        self.count = 0
        self.byteCount = 0
    }

    private mutating func removeEntries() {
        // Room for a burst is used again and again; that of a long wait is given back.
        self.entries.removeAll(keepingCapacity: self.entries.capacity <= Self.roomMax)
        self.next = 0
    }
}

extension Envelope {
    /// Every hop passes on what is left of a call's time, and waiting is one.
    @inline(__always)
    fileprivate func withBudget(shortenedBy milliseconds: UInt32) -> Envelope {
        guard self.header.kind == .call, milliseconds > 0 else { return self }
        var header = self.header
        header.budgetMilliseconds -= min(header.budgetMilliseconds - 1, milliseconds)
        return Envelope(header, metadata: self.metadata, body: self.body)
    }

    fileprivate func withBudget(lengthenedBy milliseconds: UInt32) -> Envelope {
        guard self.header.kind == .call else { return self }
        var header = self.header
        header.budgetMilliseconds &+= milliseconds
        return Envelope(header, metadata: self.metadata, body: self.body)
    }
}
