import MessageBus
import WireProtocol

/// What modules in shadow would have changed.
struct ShadowReport {
    /// How a module's opinions on one callback compare with what the chains came to.
    struct Tally: Equatable {
        /// The same: no opinion and no decision, or the same result.
        var agreed = 0
        /// It has a result where the chain had none.
        var wouldDecide = 0
        /// The chain has a result and it has none.
        var abstained = 0
        /// Both have a result, and not the same.
        var differed = 0
        /// It failed.
        var failed = 0
        /// It was down or had no room, and was not asked.
        var unasked = 0
        /// The chain failed, or its caller gave up.
        var uncompared = 0

        var json: JSONObject {
            [
                "agreed": .integer(Int64(self.agreed)), "would_decide": .integer(Int64(self.wouldDecide)),
                "abstained": .integer(Int64(self.abstained)), "differed": .integer(Int64(self.differed)),
                "failed": .integer(Int64(self.failed)), "unasked": .integer(Int64(self.unasked)),
                "uncompared": .integer(Int64(self.uncompared)),
            ]
        }
    }

    struct Key: Hashable, Comparable {
        var callback: Int
        var module: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.callback, left.module) < (right.callback, right.module)
        }
    }

    /// A call on which a module and the chain did not agree.
    struct Difference: Equatable {
        var key: Key
        var chain: UInt64
        var chains: String
        var own: String
        var time: MonotonicTime
    }

    /// How many differences are kept.
    static let differencesMax = 128

    private(set) var tallies: [Key: Tally] = [:]
    private(set) var differences: [Difference] = []

    mutating func noteUnasked(_ module: Int, _ callback: Int) {
        self.tallies[Key(callback: callback, module: module), default: Tally()].unasked += 1
    }

    /// Compares what a module said with what the chain came to.
    mutating func compare(_ call: ShadowCall, own: ShadowOpinion, chains: ShadowOpinion, at now: MonotonicTime) {
        let key = Key(callback: call.callback, module: call.module)
        var tally = self.tallies[key] ?? Tally()
        defer { self.tallies[key] = tally }
        switch (own, chains) {
        case (.failed, _), (.unknown, _):
            tally.failed += 1
            return
        case (_, .failed), (_, .unknown):
            tally.uncompared += 1
            return
        case _ where own.agrees(with: chains):
            tally.agreed += 1
            return
        case (_, .none): tally.wouldDecide += 1
        case (.none, _): tally.abstained += 1
        default: tally.differed += 1
        }
        if self.differences.count == Self.differencesMax { self.differences.removeFirst() }
        let difference = Difference(key: key, chain: call.chain, chains: chains.text, own: own.text, time: now)
        self.differences.append(difference)
    }
}
