/// The calls that wait until a replica of their module has room, in the order in which they came.
///
/// It is as short as the operator says, so looking through it costs less than a lookup would.
struct WaitingLine: Equatable {
    struct Waiter: Equatable {
        /// The call's id among the steps.
        var id: UInt64
        /// What it is for: there may be room for one callback and none for another.
        var column: Int
        /// The places of replicas that had room for it and do not want it: where replicas differ, arguments are looked at once for each of them.
        var unwantedBy: [Int] = []
    }

    private(set) var waiters: [Waiter] = []
    /// Whether the replicas have changed since all who wait were looked at.
    private var isStale = false

    var isEmpty: Bool { self.waiters.isEmpty }
    var count: Int { self.waiters.count }

    /// Adds a call at the end.
    mutating func append(_ waiter: Waiter) {
        self.waiters.append(waiter)
    }

    /// Takes a call out that does not wait any more, if it is there.
    mutating func remove(_ id: UInt64) {
        guard let place = self.waiters.firstIndex(where: { $0.id == id }) else { return }
        self.waiters.remove(at: place)
    }

    /// The first of those that are not for one of the blocked columns.
    func first(except blocked: [Int]) -> Waiter? {
        self.waiters.first { !blocked.contains($0.column) }
    }

    /// The first for a column of those that one of the replicas with room, by their places, may want.
    func first(for column: Int, of places: [Int]) -> Waiter? {
        self.waiters.first { waiter in
            waiter.column == column && places.contains { !waiter.unwantedBy.contains($0) }
        }
    }

    /// Notes whom a call does not concern, though they have room.
    mutating func note(_ id: UInt64, unwantedBy places: [Int]) {
        guard let place = self.waiters.firstIndex(where: { $0.id == id }) else { return }
        self.waiters[place].unwantedBy += places.filter { !self.waiters[place].unwantedBy.contains($0) }
    }

    /// Notes that the replicas have changed, and forgets who does not want what.
    mutating func replicasChanged() {
        self.isStale = true
        for place in self.waiters.indices where !self.waiters[place].unwantedBy.isEmpty {
            self.waiters[place].unwantedBy = []
        }
    }

    /// Whether all who wait are to be looked at, also those behind others: once after the replicas have changed.
    mutating func takeStaleness() -> Bool {
        defer { self.isStale = false }
        return self.isStale
    }
}
