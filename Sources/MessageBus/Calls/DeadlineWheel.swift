/// A hashed timing wheel: which of many entries are due, in constant time for each insertion and removal.
///
/// Nearly every call ends long before its deadline, so what has to be cheap is forgetting one. Entries are small integers chosen by the
/// owner, linked through two arrays, without allocation; the wheel has one slot a millisecond and an entry whose time is more than a turn away
/// stays in its slot for another turn. Source: G. Varghese, T. Lauck, «Hashed and hierarchical timing wheels», 1987, scheme 6.
@usableFromInline
struct DeadlineWheel: Sendable {
    private static let slotCount: UInt64 = 4096
    private static let none: UInt32 = .max

    @usableFromInline
    init() {}

    private struct Entry {
        var tick: UInt64 = 0
        var next: UInt32 = DeadlineWheel.none
        var previous: UInt32 = DeadlineWheel.none
        var isLinked = false
    }

    private var heads = [UInt32](repeating: DeadlineWheel.none, count: Int(DeadlineWheel.slotCount))
    private var entries: [Entry] = []
    private var count = 0
    /// Everything up to this tick has been reported.
    private var reportedTick: UInt64?

    /// Adds an entry that is due at a time.
    ///
    /// An entry is in the wheel once at most.
    @usableFromInline
    mutating func insert(_ index: Int, at deadline: MonotonicTime, now: MonotonicTime) {
        while self.entries.count <= index { self.entries.append(Entry()) }
        precondition(!self.entries[index].isLinked, "The entry is in the wheel already.")
        if self.count == 0 || self.reportedTick == nil { self.reportedTick = Self.tick(before: now) }
        // Rounded up: an entry is never reported early. One that is overdue goes to the next tick to be reported.
        let due = (deadline.nanoseconds / 1_000_000) + (deadline.nanoseconds % 1_000_000 == 0 ? 0 : 1)
        let tick = max(due, (self.reportedTick ?? 0) + 1)
        let slot = Int(tick % Self.slotCount)
        let head = self.heads[slot]
        self.entries[index] = Entry(tick: tick, next: head, previous: Self.none, isLinked: true)
        if head != Self.none { self.entries[Int(head)].previous = UInt32(index) }
        self.heads[slot] = UInt32(index)
        self.count += 1
    }

    /// Forgets an entry; does nothing if it is not in the wheel.
    @usableFromInline
    mutating func remove(_ index: Int) {
        guard index < self.entries.count, self.entries[index].isLinked else { return }
        let entry = self.entries[index]
        if entry.previous == Self.none {
            self.heads[Int(entry.tick % Self.slotCount)] = entry.next
        } else {
            self.entries[Int(entry.previous)].next = entry.next
        }
        if entry.next != Self.none { self.entries[Int(entry.next)].previous = entry.previous }
        self.entries[index].isLinked = false
        self.count -= 1
    }

    /// Removes and reports every entry that is due.
    @usableFromInline
    mutating func expire(upTo now: MonotonicTime, _ report: (Int) -> Void) {
        guard self.count > 0, let reported = self.reportedTick else { return }
        let current = now.nanoseconds / 1_000_000
        guard current > reported else { return }
        let last = min(current, reported + Self.slotCount)
        for tick in (reported + 1)...last {
            self.expireSlot(Int(tick % Self.slotCount), upTo: current, report)
        }
        self.reportedTick = current
    }

    private mutating func expireSlot(_ slot: Int, upTo current: UInt64, _ report: (Int) -> Void) {
        var index = self.heads[slot]
        while index != Self.none {
            let entry = self.entries[Int(index)]
            if entry.tick <= current {
                self.remove(Int(index))
                report(Int(index))
            }
            index = entry.next
        }
    }

    /// When something may be due next; `nil` when the wheel is empty.
    ///
    /// Looks at most 64 slots ahead and otherwise names the end of what it looked at: waking up for nothing 15 times a second is
    /// cheaper than keeping the entries sorted.
    @usableFromInline
    var nextDeadline: MonotonicTime? {
        guard self.count > 0, let reported = self.reportedTick else { return nil }
        var tick = reported + 1
        while tick < reported + 64, self.heads[Int(tick % Self.slotCount)] == Self.none { tick += 1 }
        return MonotonicTime(nanoseconds: tick * 1_000_000)
    }

    private static func tick(before now: MonotonicTime) -> UInt64 {
        let tick = now.nanoseconds / 1_000_000
        return tick > 0 ? tick - 1 : 0
    }
}
