/// Finds the handle of a call by the id that its caller gave it.
///
/// A table with open addressing, because each call that comes is looked up, added and removed once: with the standard library's dictionary
/// that takes longer than all else that is noted about a call. Ids come from the other end of a connection, which may have
/// a bounded number of calls unanswered: the worst choice of ids costs a walk over those. Source of the removal: D. Knuth, «The Art of Computer
/// Programming», volume 3, section 6.4, algorithm R.
struct HandleIndex: Sendable {
    private struct Slot {
        var id: UInt64 = 0
        var handle: UInt64 = 0
        var isTaken = false
    }

    private var slots = [Slot](repeating: Slot(), count: 16)
    private(set) var count = 0

    /// - Returns: The handle; nil for an id that is not in the table.
    subscript(id: UInt64) -> UInt64? {
        let place = self.place(of: id)
        return self.slots[place].isTaken ? self.slots[place].handle : nil
    }

    /// Adds an id that is not in the table.
    ///
    /// - Returns: `false` when it is.
    mutating func insert(_ id: UInt64, _ handle: UInt64) -> Bool {
        let place = self.place(of: id)
        guard !self.slots[place].isTaken else { return false }
        self.slots[place] = Slot(id: id, handle: handle, isTaken: true)
        self.count += 1
        if self.count * 2 > self.slots.count { self.grow() }
        return true
    }

    /// - Returns: The handle that the id had; nil if it was not in the table.
    mutating func remove(_ id: UInt64) -> UInt64? {
        var hole = self.place(of: id)
        guard self.slots[hole].isTaken else { return nil }
        let handle = self.slots[hole].handle
        self.count -= 1
        // Those behind it that are not where they would like to be move up, so that no walk ends too early.
        var next = self.following(hole)
        while self.slots[next].isTaken {
            let home = self.home(of: self.slots[next].id)
            if self.distance(from: home, to: next) >= self.distance(from: hole, to: next) {
                self.slots[hole] = self.slots[next]
                hole = next
            }
            next = self.following(next)
        }
        self.slots[hole] = Slot()
        return handle
    }

    mutating func removeAll() {
        self = Self()
    }

    /// Where an id is, or would be put.
    private func place(of id: UInt64) -> Int {
        var place = self.home(of: id)
        while self.slots[place].isTaken, self.slots[place].id != id { place = self.following(place) }
        return place
    }

    private func home(of id: UInt64) -> Int {
        // The upper half, where each bit of the id has an effect: ids differ in their lowest bits, or in those above the 32nd.
        Int((id &* 0x9E37_79B9_7F4A_7C15) >> 32) & (self.slots.count - 1)
    }

    private func following(_ place: Int) -> Int {
        (place + 1) & (self.slots.count - 1)
    }

    private func distance(from first: Int, to second: Int) -> Int {
        (second - first) & (self.slots.count - 1)
    }

    private mutating func grow() {
        let old = self.slots
        self.slots = [Slot](repeating: Slot(), count: old.count * 2)
        for slot in old where slot.isTaken {
            self.slots[self.place(of: slot.id)] = slot
        }
    }
}
