internal import SeededRandom

extension SplitMix64 {
    /// A duration between nine and thirteen tenths of another: workers that wait for the same thing do not come back together.
    mutating func jittered(_ duration: Duration) -> Duration {
        duration * Double.random(in: 0.9...1.3, using: &self)
    }
}
