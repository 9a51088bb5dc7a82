/// What one batch cost: the only thing that ``BatchSizer`` learns from.
public struct BatchObservation: Hashable, Sendable {
    /// A part of a batch that was timed on its own.
    public struct Step: Hashable, Sendable {
        /// Rows looked at, changed or not.
        public var rows: Int
        public var milliseconds: Double

        public init(rows: Int, milliseconds: Double) {
            self.rows = rows
            self.milliseconds = milliseconds
        }
    }

    public var steps: [Step]
    /// From the moment the work began to its commit, in milliseconds; without ``lockWait``.
    public var milliseconds: Double
    /// How long the database's write lock was waited for, in milliseconds: that is not what rows cost.
    public var lockWait: Double

    public init(steps: [Step], milliseconds: Double, lockWait: Double = 0) {
        self.steps = steps
        self.milliseconds = milliseconds
        self.lockWait = lockWait
    }

    public var rows: Int { self.steps.reduce(0) { $0 + $1.rows } }
}
