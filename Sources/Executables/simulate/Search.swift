import CacheSimulation
import Foundation
import Simulation
import UpdateSimulation

/// What a search adds up.
protocol Findings: Sendable, CustomStringConvertible {
    var seeds: Int { get }
    var failures: Int { get }

    mutating func add(_ others: Self)

    /// What broke a rule, in words; each once.
    mutating func takeWords() -> [String]
}

extension Totals: Findings {
    mutating func takeWords() -> [String] {
        self.takeFailed().map { $0.log.suffix(80).joined(separator: "\n") + "\n\($0)" }
    }
}

extension UpdateTotals: Findings {
    mutating func takeWords() -> [String] {
        self.takeFailed().map { $0.log.suffix(80).joined(separator: "\n") + "\n\($0)" }
    }
}

extension CacheTotals: Findings {
    mutating func takeWords() -> [String] {
        self.takeFailed().map { $0.log.suffix(80).joined(separator: "\n") + "\n\($0)" }
    }
}

/// Runs a world's schedules, as many at a time as there are processors, until three have broken a rule.
///
/// - Parameters:
///   - seeds: The schedules.
///   - none: What no schedule comes to.
///   - run: Runs one and adds what it came to.
/// - Returns: How many broke a rule.
/// - Throws: What a run throws: that its world cannot be built.
func search<Total: Findings>(
    _ seeds: Range<UInt64>,
    _ none: Total,
    _ run: @escaping @Sendable (UInt64, inout Total) throws -> Void
) async throws -> Int {
    let lanes = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
    let began = ContinuousClock().now
    var total = none
    // In blocks, so that what was found is told at once and nothing is kept of what was not.
    for block in stride(from: seeds.lowerBound, to: seeds.upperBound, by: 200) {
        let part = block..<min(block + 200, seeds.upperBound)
        try await withThrowingTaskGroup(of: Total.self) { group in
            for lane in 0..<lanes {
                group.addTask { @concurrent in
                    var totals = none
                    for seed in part where seed % lanes == lane { try run(seed, &totals) }
                    return totals
                }
            }
            for try await totals in group { total.add(totals) }
        }
        if total.seeds % 10_000 == 0, part.upperBound < seeds.upperBound {
            print("\(total) in \(ContinuousClock().now - began)")
        }
        for words in total.takeWords() { print(words) }
        // Whoever looks into a file that this is written to sees it at once too.
        fflush(nil)
        if total.failures >= 3 { break }
    }
    print("\(total) in \(ContinuousClock().now - began)")
    return total.failures
}
