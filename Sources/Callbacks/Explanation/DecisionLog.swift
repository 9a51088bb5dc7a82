import MessageBus

/// The newest decisions and the steps that they were made of, for whoever asks afterwards.
///
/// Two rings of small records of a fixed size, so a call costs one store for each step and one for the decision: no allocation, no text, no
/// look-up. The steps of many chains stand between each other as they happened, and each knows the one before it of its own chain. Whatever is
/// overwritten is gone, so the memory is bounded by the two capacities.
struct DecisionLog {
    struct Decision: Equatable {
        /// The chain's number, which makes up the request's id.
        var number: UInt64
        /// The routing table that it was admitted under.
        var epoch: UInt64
        var ended: MonotonicTime
        var microseconds: UInt32
        /// The callback's place in the catalogue.
        var callback: Int32
        /// The place of the module that decided; -1 for none.
        var module: Int32
        var outcome: Outcome
        var trail: Trail
    }

    /// What a chain remembers of its steps.
    struct Trail: Equatable {
        /// The newest step, counted from the first of all; -1 for none.
        var newest = -1
        var count: UInt32 = 0
    }

    private struct Step {
        /// The chain that it is of, which tells whether it has been overwritten.
        var chain: UInt64
        /// The step before it of the same chain.
        var previous: Int
        var record: StepRecord
    }

    /// How many steps are kept for each decision on average; chains are seldom longer.
    private static let stepsPerDecision = 4

    private let decisionsMax: Int
    private let stepsMax: Int
    private var decisions: [Decision] = []
    private var steps: [Step] = []
    private var oldestDecision = 0
    private var oldestStep = 0
    private var stepCount = 0

    /// - Parameter decisionsMax: How many decisions are kept; 0 for none.
    init(decisionsMax: Int) {
        self.decisionsMax = decisionsMax
        self.stepsMax = decisionsMax * Self.stepsPerDecision
    }

    var isOff: Bool { self.decisionsMax == 0 }
    var count: Int { self.decisions.count }

    /// Keeps a step and puts it at the end of its chain's trail.
    mutating func add(_ record: StepRecord, ofChain chain: UInt64, to trail: inout Trail) {
        let step = Step(chain: chain, previous: trail.newest, record: record)
        if self.steps.count < self.stepsMax {
            self.steps.append(step)
        } else {
            self.steps[self.oldestStep] = step
            self.oldestStep = self.oldestStep + 1 == self.stepsMax ? 0 : self.oldestStep + 1
        }
        trail.newest = self.stepCount
        trail.count &+= 1
        self.stepCount += 1
    }

    mutating func add(_ decision: Decision) {
        guard self.decisions.count == self.decisionsMax else { return self.decisions.append(decision) }
        self.decisions[self.oldestDecision] = decision
        self.oldestDecision = self.oldestDecision + 1 == self.decisionsMax ? 0 : self.oldestDecision + 1
    }

    /// The decision on a chain, if it is still kept.
    subscript(number: UInt64) -> Decision? {
        self.decisions.first { $0.number == number }
    }

    /// The newest decisions, newest first.
    func newest(_ countMax: Int) -> [Decision] {
        let inOrder = self.decisions[self.oldestDecision...] + self.decisions[..<self.oldestDecision]
        return inOrder.suffix(countMax).reversed()
    }

    /// The steps of a decision in order, without those that have been overwritten.
    func steps(of decision: Decision) -> [StepRecord] {
        var records: [StepRecord] = []
        var next = decision.trail.newest
        while next >= 0, next >= self.stepCount - self.steps.count {
            let step = self.steps[next % self.stepsMax]
            guard step.chain == decision.number else { break }
            records.append(step.record)
            next = step.previous
        }
        return records.reversed()
    }
}
