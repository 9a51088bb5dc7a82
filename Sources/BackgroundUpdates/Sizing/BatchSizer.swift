/// How many rows the next batch of one update takes.
///
/// The cost of a row is estimated as mean and variance of the *logarithm* of its milliseconds, so that «eight times slower» is one step
/// and not twenty. Bad news is believed fast and good news slowly, and the size aims at a quantile of the desired duration rather than
/// its mean: a rule that aims at the mean is late in half of its batches by construction. Each batch is worked in about eight
/// steps whose *median* is what is learnt: one stall among them says nothing about rows. Several stalls, or waiting for the write
/// lock, say that others need the database, and then locks are held for less.
///
/// The size always may grow by one row, so integer rounding cannot hold it at one for ever; it grows by half at most (doubles
/// while starting), so an empty stretch of keys does not make it balloon.
///
/// It is a value: the observations go in, the size comes out, and it is kept with the progress of its update.
public struct BatchSizer: Hashable, Sendable {
    /// The smallest and the largest batch.
    public struct Bounds: Hashable, Sendable {
        public var minimum: Int
        public var maximum: Int

        /// - Parameters:
        ///   - minimum: At least this many rows, whatever they cost; below 1 it is 1.
        ///   - maximum: At most this many rows; below `minimum` it is `minimum`.
        public init(minimum: Int = 1, maximum: Int = BatchSizer.sizeMax) {
            self.minimum = max(1, minimum)
            self.maximum = max(self.minimum, maximum)
        }

        func clamp(_ size: Int) -> Int {
            min(max(size, self.minimum), self.maximum)
        }
    }

    /// No batch is larger, however cheap its rows are.
    public static let sizeMax = 50_000

    /// How far above the mean the estimate lies, in standard deviations: about one batch in ten takes longer than desired.
    static let margin = 1.0
    static let gainOfBadNews = 0.5
    static let gainOfGoodNews = 0.15
    static let varianceAtFirst = 0.06
    static let varianceRange = 0.01...0.5
    /// How many batches the size does not grow after the database was overloaded.
    static let holdAfterOverload = 3
    static let strikesKept = 3

    /// The size of the next batch; nil before the first one.
    package var size: Int?
    /// The mean of ln(milliseconds a row).
    var logCost: Double?
    var variance = Self.varianceAtFirst
    /// What a batch costs beside its rows, in milliseconds.
    var fixedCost = 0.0
    /// Whether each of the last batches had a stall in it.
    var strikes: [Bool] = []
    /// How many batches in a row waited long for the write lock.
    var lockStrikes = 0
    var hold = 0
    /// While nothing was ever slow the size doubles.
    var isStarting = true

    public init() {}

    /// Chooses the size of the next batch.
    ///
    /// - Parameters:
    ///   - firstSize: What the very first batch takes.
    ///   - bounds: What holds for this batch.
    /// - Returns: A size within the bounds.
    public func next(firstSize: Int, bounds: Bounds) -> Int {
        bounds.clamp(self.size ?? firstSize)
    }
}
