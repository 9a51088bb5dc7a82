/// When one batch takes another step, and when it is cut.
///
/// The cut at the desired duration is what helps in the very batch in which the world changes; the estimate only helps in the
/// next one. A batch ends between two steps, where everything done so far can be committed.
public struct BatchPace: Hashable, Sendable {
    /// How many steps a batch is worked in.
    static let steps = 8

    /// How many rows the batch is meant to take.
    public let size: Int
    /// How many rows it takes at least, however long that lasts.
    public let minimum: Int
    /// The desired duration, in milliseconds.
    public let target: Double
    /// How many rows a step takes at least, for work of which each step has a cost of its own, whatever its rows.
    public var stepMinimum = 1
    /// How many rows it has taken.
    public private(set) var done = 0
    /// Whether it ended before its size because the time was up or somebody asked it to.
    public private(set) var isCut = false

    public init(size: Int, minimum: Int, target: Double) {
        self.size = max(1, size)
        self.minimum = max(1, minimum)
        self.target = target
    }

    /// Decides whether the batch goes on.
    ///
    /// - Parameters:
    ///   - elapsed: Since the work began, in milliseconds.
    ///   - isStopping: Whether the worker has been asked to end or to pause.
    /// - Returns: How many rows the next step takes; nil when the batch is over.
    public mutating func nextStep(elapsed: Double, isStopping: Bool) -> Int? {
        guard self.done < self.size else { return nil }
        if self.done > 0, isStopping || (elapsed >= self.target && self.done >= self.minimum) {
            self.isCut = true
            return nil
        }
        let step = max(self.stepMinimum, (self.size + Self.steps - 1) / Self.steps)
        return min(step, self.size - self.done)
    }

    /// Counts the rows of a step.
    public mutating func finishStep(rows: Int) {
        self.done += rows
    }
}
