import WireProtocol

/// Neighbours in a chain that are asked side by side, because the answers of all of them depend on the arguments only.
///
/// What they say is kept until all before them have spoken and is then applied in the chain's order, so it means what it would if each had been
/// asked after the one before it.
struct PureSegment {
    /// What a call to a member came to.
    enum Settlement {
        case neutral
        /// The call is not for it.
        case filtered
        case answer(Payload)
        case failed(FailureKind, BusFault?)
        /// It cannot use the arguments, and they are not what is declared.
        case blamedCaller(BusFault)
    }

    struct Member {
        /// The call to it that is in flight; 0 for none.
        var step: UInt64 = 0
        /// What it said; nil while it is asked.
        var settlement: Settlement?
        var record: StepRecord
    }

    private(set) var members: [Member] = []
    /// How many of them have been applied.
    private var applied = 0

    /// Whether nobody is asked side by side.
    var isEmpty: Bool { self.members.isEmpty }
    var isApplied: Bool { self.applied == self.members.count }
    /// The calls in flight.
    var steps: [UInt64] { self.members.lazy.map(\.step).filter { $0 != 0 } }

    init() {}

    init(capacity: Int) {
        self.members.reserveCapacity(capacity)
    }

    mutating func add(module: Int) {
        self.members.append(Member(record: StepRecord(.noneUp, module: module)))
    }

    /// Notes the call to a member.
    mutating func started(_ member: Int, _ step: UInt64) {
        guard self.members.indices.contains(member) else { return }
        self.members[member].step = step
    }

    /// Notes that the call to a member has ended.
    ///
    /// - Returns: Whether it was this segment's.
    mutating func ended(_ member: Int, _ step: UInt64) -> Bool {
        guard self.members.indices.contains(member), self.members[member].step == step else { return false }
        self.members[member].step = 0
        return true
    }

    mutating func settle(_ member: Int, _ settlement: Settlement, _ record: StepRecord) {
        guard self.members.indices.contains(member) else { return }
        self.members[member].settlement = settlement
        self.members[member].record = record
    }

    /// The next member in order, once it has spoken.
    mutating func next() -> (settlement: Settlement, record: StepRecord)? {
        guard self.applied < self.members.count, let settlement = self.members[self.applied].settlement.take() else {
            return nil
        }
        defer { self.applied += 1 }
        return (settlement, self.members[self.applied].record)
    }
}
