/// What is made of a controller's words: those that make no sense become the defaults.
package struct ControllerJudge {
    /// What a controller may ask for, in milliseconds; beyond it an answer is taken for a mistake.
    static let durationRange = 1.0...3_600_000.0
    static let sleepRange = 0.0...86_400_000.0
    /// How long a wait lasts before the controller is asked again, whatever it said: nothing is told to a worker that sleeps.
    package static let waitMax = Duration.seconds(60)

    private let defaults: ControllerDefaults
    /// How many values made no sense.
    package private(set) var badValues = 0

    package init(_ defaults: ControllerDefaults) {
        self.defaults = defaults
    }

    /// - Parameter answer: What it said to a batch that wants to begin; nil when nothing was heard.
    /// - Returns: What the worker goes by.
    package mutating func entry(_ answer: ControllerAnswer?) -> EntryAnswer {
        guard let answer else {
            return .run(UpdatePermit(target: self.defaults.target, sleep: self.defaults.sleep, scope: nil))
        }
        let sleep = self.duration(answer.sleepMilliseconds ?? 0, in: Self.sleepRange) ?? self.defaults.sleep
        let scope = UpdatePermit.Scope(id: answer.scope)
        switch answer.verdict {
        case .run(let milliseconds):
            let target = self.duration(milliseconds, in: Self.durationRange)
            return .run(UpdatePermit(target: target ?? self.defaults.target, sleep: sleep, scope: scope))
        case .wait(let milliseconds, let reason):
            guard let wait = self.duration(milliseconds, in: Self.durationRange) else {
                return .run(UpdatePermit(target: self.defaults.target, sleep: self.defaults.sleep, scope: scope))
            }
            return .wait(min(wait, Self.waitMax), reason: reason, scope)
        }
    }

    /// - Parameters:
    ///   - first: What it said of the first batch; nil when it was not asked, or nothing was heard.
    ///   - minimum: What it said of the smallest.
    /// - Returns: Sizes that make sense.
    package mutating func sizes(first: Int64?, minimum: Int64?) -> SizeAdvice {
        SizeAdvice(
            first: self.size(first) ?? self.defaults.firstSize,
            minimum: self.size(minimum) ?? self.defaults.minimumSize
        )
    }

    private mutating func duration(_ milliseconds: Double, in range: ClosedRange<Double>) -> Duration? {
        guard range.contains(milliseconds) else {
            self.badValues += 1
            return nil
        }
        return .milliseconds(Int64(milliseconds))
    }

    private mutating func size(_ number: Int64?) -> Int? {
        guard let number else { return nil }
        guard number >= 1 else {
            self.badValues += 1
            return nil
        }
        return Int(min(number, Int64(BatchSizer.sizeMax)))
    }
}
