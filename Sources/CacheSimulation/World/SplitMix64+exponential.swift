import Foundation
import SeededRandom

extension SplitMix64 {
    /// A duration with an exponential distribution, in milliseconds.
    mutating func exponential(mean: Double) -> Double {
        -mean * log(1 - Double.random(in: 0..<1, using: &self))
    }
}
