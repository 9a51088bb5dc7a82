/// The newest invalidation of each tag within one epoch, and the one rule that decides what may be served.
///
/// *A value may be served if no invalidation of any of its tags is newer than the number known before its load began.* So nothing has to be
/// found and removed when a tag is invalidated, and a load in flight needs no mark of its own: its result simply carries an old number.
///
/// The ledger is bounded. A tag that is forgotten raises the ``floor``: values from below it are not served any more, so
/// forgetting can cost hits and never correctness.
struct InvalidationLedger: Sendable {
    /// Values from before this number are not served.
    private(set) var floor: UInt64
    private var newest: [String: UInt64] = [:]
    private var order = FirstInFirstOut<(tag: String, number: UInt64)>()
    private let tagsMax: Int

    init(floor: UInt64 = 0, tagsMax: Int) {
        self.floor = floor
        self.tagsMax = tagsMax
    }

    var tagCount: Int { self.newest.count }

    /// Notes an invalidation; numbers only grow.
    mutating func apply(_ tags: [String], number: UInt64) {
        for tag in tags {
            self.newest[tag] = number
            self.order.append((tag, number))
        }
        while self.newest.count > self.tagsMax || self.order.count > 2 * self.tagsMax {
            self.forgetOldest()
        }
    }

    private mutating func forgetOldest() {
        guard let oldest = self.order.popFirst(), self.newest[oldest.tag] == oldest.number else { return }
        self.newest[oldest.tag] = nil
        self.floor = max(self.floor, oldest.number)
    }

    /// Forgets everything: only values that follow a number are served from now on.
    mutating func reset(floor: UInt64) {
        self = InvalidationLedger(floor: floor, tagsMax: self.tagsMax)
    }

    /// The rule.
    ///
    /// - Parameters:
    ///   - asof: The number known before the value's load began.
    ///   - tags: The value's tags.
    /// - Returns: Whether the value may be served.
    func permits(asof: UInt64, tags: some Sequence<String>) -> Bool {
        guard asof >= self.floor else { return false }
        guard !self.newest.isEmpty else { return true }
        return tags.allSatisfy { tag in
            guard let number = self.newest[tag] else { return true }
            return number <= asof
        }
    }
}
