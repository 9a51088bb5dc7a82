/// What a replay shows while it runs: a bar on a terminal, a line now and then elsewhere.
public struct ReplayProgress: Sendable {
    /// Faster than an eye follows; slower than a terminal suffers.
    static let redrawInterval = Duration.milliseconds(100)

    private let output: ProgressOutput
    private let bytesMax: Int
    private var drawnAt: Duration?
    private var quarter = 0

    /// - Parameters:
    ///   - output: where the text goes.
    ///   - bytesMax: the size of the recording.
    public init(_ output: ProgressOutput, bytesMax: Int) {
        self.output = output
        self.bytesMax = bytesMax
    }

    /// The text to write now.
    ///
    /// - Parameters:
    ///   - bytes: how much of the recording is done.
    ///   - tally: what was counted so far.
    ///   - elapsed: time since the replay began.
    /// - Returns: nil when what stands there is recent enough.
    public mutating func text(bytes: Int, tally: ReplayTally, elapsed: Duration) -> String? {
        switch self.output {
        case .terminal:
            if let drawnAt, elapsed - drawnAt < Self.redrawInterval { return nil }
            self.drawnAt = elapsed
            return ProgressBar.eraseLine + self.bar(bytes: bytes, tally: tally)
        case .plain:
            let quarter = Int(self.fraction(bytes) * 4)
            guard quarter > self.quarter else { return nil }
            self.quarter = quarter
            return "\(quarter * 25) % done, \(Self.counts(tally))\n"
        }
    }

    /// The text that leaves a clean line for what follows.
    public func ending(tally: ReplayTally) -> String {
        switch self.output {
        case .terminal: ProgressBar.eraseLine + self.bar(bytes: self.bytesMax, tally: tally) + "\n"
        case .plain: ""
        }
    }

    private func bar(bytes: Int, tally: ReplayTally) -> String {
        "\(ProgressBar.text(self.fraction(bytes)))  \(Self.counts(tally))"
    }

    private func fraction(_ bytes: Int) -> Double {
        self.bytesMax > 0 ? min(1, max(0, Double(bytes) / Double(self.bytesMax))) : 1
    }

    private static func counts(_ tally: ReplayTally) -> String {
        "\(tally.calls) calls, \(tally.errors) errors"
    }
}
