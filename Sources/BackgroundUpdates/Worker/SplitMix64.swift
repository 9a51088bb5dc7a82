/// A small generator with a seed, so that every schedule can be played again.
///
/// Steele, Lea, Flood: *Fast splittable pseudorandom number generators* (2014).
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A duration between nine and thirteen tenths of another: workers that wait for the same thing do not come back together.
    mutating func jittered(_ duration: Duration) -> Duration {
        duration * Double.random(in: 0.9...1.3, using: &self)
    }
}
