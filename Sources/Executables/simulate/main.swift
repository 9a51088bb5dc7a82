import Foundation
import Simulation

/// How many schedules to run, beginning with which, or one of them in words: `docs/simulation.md`.
let environment = ProcessInfo.processInfo.environment

func number(_ name: String, or otherwise: UInt64) -> UInt64 {
    environment[name].flatMap(UInt64.init) ?? otherwise
}

let mutant = environment["MUTANT"].flatMap(Mutant.init)

if let seed = environment["SEED"].flatMap(UInt64.init) {
    let report = try Simulation.run(Settings(seed: seed, mutant: mutant), isLogging: true)
    print(report.log.joined(separator: "\n"))
    print(report)
    exit(report.violation == nil ? 0 : 1)
}

let first = number("FIRST", or: 1)
let seeds = first..<(first + max(1, number("SEEDS", or: 10_000)))
let lanes = UInt64(max(1, ProcessInfo.processInfo.activeProcessorCount))
let began = ContinuousClock().now
var total = Totals()
// In blocks, so that what was found is told at once and nothing is kept of what was not.
for block in stride(from: seeds.lowerBound, to: seeds.upperBound, by: 200) {
    let part = block..<min(block + 200, seeds.upperBound)
    try await withThrowingTaskGroup(of: Totals.self) { group in
        for lane in 0..<lanes {
            group.addTask { @concurrent in
                var totals = Totals()
                for seed in part where seed % lanes == lane {
                    totals.add(try Simulation.run(Settings(seed: seed, mutant: mutant)))
                }
                return totals
            }
        }
        for try await totals in group { total.add(totals) }
    }
    if total.seeds % 10_000 == 0, part.upperBound < seeds.upperBound {
        print("\(total) in \(ContinuousClock().now - began)")
    }
    for report in total.takeFailed() { print(report.log.suffix(80).joined(separator: "\n") + "\n\(report)") }
    // Whoever looks into a file that this is written to sees it at once too.
    fflush(nil)
    if total.failures >= 3 { break }
}
print("\(total) in \(ContinuousClock().now - began)")
exit(total.failures == 0 ? 0 : 1)
