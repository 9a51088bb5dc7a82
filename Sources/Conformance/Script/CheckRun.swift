internal import MessageBus
internal import Supervision
internal import WireProtocol

/// A check that is being made.
struct CheckRun: Sendable {
    /// How many of the last observations a breach tells.
    private static let seenMax = 8
    private static let notesMax = 1000

    let check: Check
    let begin: MonotonicTime
    private var steps: ArraySlice<Step> = []
    private var waiting: Waiting?
    private var seen: [String] = []
    private var seenCount = 0
    /// How often each note was made, in the order of the first.
    private var notes: [(text: String, count: Int)] = []

    private struct Waiting {
        var expectations: [Expectation]
        var within: Duration
        var deadline: MonotonicTime
        var limit: Limit?
        var count = 0
    }

    init(_ check: Check, steps: [Step], at now: MonotonicTime) {
        self.check = check
        self.begin = now
        self.steps = steps[...]
    }

    /// What became of a check.
    enum Outcome {
        case goesOn
        case ends(CheckResult.Verdict)
    }

    /// When the present step is over, if it waits.
    var deadline: MonotonicTime? { self.waiting?.deadline }

    var noteTexts: [String] {
        self.notes.map { $0.count == 1 ? $0.text : "\($0.count) × \($0.text)" }
    }

    /// The next step, unless one is waiting.
    mutating func next(at now: MonotonicTime) -> Step? {
        guard self.waiting == nil, let step = self.steps.popFirst() else { return nil }
        switch step {
        case .expect(let expectations, let time):
            self.waiting = Waiting(expectations: expectations, within: time, deadline: now + time)
            self.forgetSeen()
        case .watch(let time, let limit):
            self.waiting = Waiting(expectations: [], within: time, deadline: now + time, limit: limit)
            self.forgetSeen()
        default: break
        }
        return step
    }

    /// Whether everything is done.
    var isDone: Bool { self.waiting == nil && self.steps.isEmpty }

    // MARK: Observations

    mutating func observe(_ observation: Observation) -> Outcome {
        self.remember(observation)
        if let outcome = self.judge(observation) { return outcome }
        switch observation {
        case .message: return .goesOn
        case .malformed(let error, _): return self.breach("messages as §2 and §9 have them", "\(error)")
        case .changedIncarnation(let before, let now):
            return self.breach(
                "the incarnation \(before) over all connections of a process (§3.1)",
                "HELLO with \(now)"
            )
        case .unaskedReply(let id):
            return self.breach(
                "one REPLY to each CALL (§4.2)",
                "a REPLY to call \(id), which was answered before or never made"
            )
        case .ended(let exit): return self.breach(self.expected ?? "a process that lives", "the process \(exit)")
        case .notStarted(let reason): return self.breach("a process", reason)
        }
    }

    /// What the present step makes of an observation; nil when it is nothing to it.
    private mutating func judge(_ observation: Observation) -> Outcome? {
        guard var waiting = self.waiting else { return nil }
        if let limit = waiting.limit { return self.count(observation, limit) }
        for (index, expectation) in waiting.expectations.enumerated() {
            switch expectation.judge(observation) {
            case .other: continue
            case .met(let note):
                note.map { self.note($0) }
                waiting.expectations.remove(at: index)
                self.waiting = waiting.expectations.isEmpty ? nil : waiting
                return .goesOn
            case .settled(let note):
                self.note(note)
                return .ends(.passed)
            case .broken(let what): return self.breach(expectation.what, what)
            }
        }
        return nil
    }

    private mutating func count(_ observation: Observation, _ limit: Limit) -> Outcome? {
        switch limit.judge(observation) {
        case .other: return nil
        case .settled(let note):
            self.note(note)
            return .ends(.passed)
        case .broken(let what): return self.breach(limit.what, what)
        case .met:
            let count = (self.waiting?.count ?? 0) + 1
            self.waiting?.count = count
            guard count > limit.countMax else { return .goesOn }
            return self.breach("at most \(limit.countMax) \(limit.what)", "more of them")
        }
    }

    /// Time has passed.
    mutating func expire(at now: MonotonicTime) -> Outcome {
        guard let waiting = self.waiting, waiting.deadline <= now else { return .goesOn }
        guard !waiting.expectations.isEmpty else {
            self.waiting = nil
            return .goesOn
        }
        let expected = self.expected ?? ""
        return self.breach("\(expected) within \(waiting.within.seconds) s", self.whatCame)
    }

    private var expected: String? {
        guard let expectations = self.waiting?.expectations, let first = expectations.first else { return nil }
        return expectations.count == 1 ? first.what : "\(first.what), and \(expectations.count - 1) more"
    }

    private var whatCame: String {
        guard !self.seen.isEmpty else { return "nothing" }
        let more = self.seenCount - self.seen.count
        return (more > 0 ? "\(more) messages, then " : "") + self.seen.joined(separator: ", ")
    }

    private func breach(_ expected: String, _ came: String) -> Outcome {
        let breach = CheckResult.Breach(expected: expected, came: came, log: [])
        return .ends(self.check.level == .must ? .failed(breach) : .warned(breach))
    }

    // MARK: Memory

    private mutating func remember(_ observation: Observation) {
        self.seenCount += 1
        self.seen.append(observation.description)
        if self.seen.count > Self.seenMax { self.seen.removeFirst() }
    }

    private mutating func forgetSeen() {
        self.seen = []
        self.seenCount = 0
    }

    private mutating func note(_ text: String) {
        if let index = self.notes.firstIndex(where: { $0.text == text }) {
            self.notes[index].count += 1
        } else if self.notes.count < Self.notesMax {
            self.notes.append((text, 1))
        }
    }
}

extension Duration {
    /// As a person reads it: `5`, `0.5`.
    var seconds: String {
        let tenths = self / .milliseconds(100)
        return tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int(tenths / 10))" : "\((tenths).rounded() / 10)"
    }
}
