/// The calls that are on their way, each with the time by which it has to have ended.
///
/// A call ends once: whoever settles it first gets what was kept for it, everybody later gets nothing.
struct CallLedger<Kept> {
    /// Names a call for as long as the ledger lives.
    struct ID: Hashable, Sendable {
        fileprivate var slot: Int
        fileprivate var generation: UInt64
    }

    private struct Slot {
        var generation: UInt64 = 0
        var entry: (kept: Kept, deadline: ContinuousClock.Instant)?
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    /// The most calls at a time.
    let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// The calls that have not ended.
    var count: Int {
        self.slots.count - self.free.count
    }

    /// Admits a call; `nil` if there is no room.
    mutating func admit(_ kept: Kept, deadline: ContinuousClock.Instant) -> ID? {
        if self.free.isEmpty {
            guard self.slots.count < self.capacity else { return nil }
            self.slots.append(Slot())
            self.free.append(self.slots.count - 1)
        }
        let slot = self.free.removeLast()
        self.slots[slot].generation += 1
        self.slots[slot].entry = (kept, deadline)
        return ID(slot: slot, generation: self.slots[slot].generation)
    }

    /// Changes what is kept for a call.
    ///
    /// - Returns: Whether the call has not ended.
    @discardableResult
    mutating func update(_ id: ID, _ change: (inout Kept) -> Void) -> Bool {
        guard self.slots[id.slot].generation == id.generation, var entry = self.slots[id.slot].entry else {
            return false
        }
        // Taken out first, so that a change in place copies nothing.
        self.slots[id.slot].entry = nil
        change(&entry.kept)
        self.slots[id.slot].entry = entry
        return true
    }

    /// Ends a call; `nil` if it has ended before.
    mutating func settle(_ id: ID) -> Kept? {
        guard self.slots[id.slot].generation == id.generation, let entry = self.slots[id.slot].entry else { return nil }
        self.slots[id.slot].entry = nil
        self.free.append(id.slot)
        return entry.kept
    }

    /// Ends all calls whose time is over.
    mutating func expire(now: ContinuousClock.Instant) -> [Kept] {
        var expired: [Kept] = []
        for index in self.slots.indices {
            guard let entry = self.slots[index].entry, entry.deadline <= now else { continue }
            self.slots[index].entry = nil
            self.free.append(index)
            expired.append(entry.kept)
        }
        return expired
    }
}
