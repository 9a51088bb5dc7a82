import CacheSimulation
import Foundation
import Simulation
import UpdateSimulation

/// How many schedules to run, beginning with which, in which world, or one of them in words: `docs/simulation.md`.
let environment = ProcessInfo.processInfo.environment

func number(_ name: String, or otherwise: UInt64) -> UInt64 {
    environment[name].flatMap(UInt64.init) ?? otherwise
}

let mutant = environment["MUTANT"].flatMap(Mutant.init)
let updateMutant = environment["MUTANT"].flatMap(UpdateMutant.init)
let cacheMutant = environment["MUTANT"].flatMap(CacheMutant.init)
let world = environment["WORLD"].flatMap { $0.isEmpty ? nil : $0 }
guard world == nil || ["callbacks", "updates", "caches"].contains(world) else {
    print("WORLD is callbacks, updates or caches, or nothing for all of them")
    exit(64)
}

if let seed = environment["SEED"].flatMap(UInt64.init) {
    if world == "updates" {
        let report = UpdateWorld.run(UpdateSettings(seed: seed, mutant: updateMutant), isLogging: true)
        print(report.log.joined(separator: "\n"))
        print(report)
        exit(report.violation == nil ? 0 : 1)
    }
    if world == "caches" {
        let report = CacheWorld.run(CacheSettings(drawnFrom: seed, mutant: cacheMutant), isLogging: true)
        print(report.log.joined(separator: "\n"))
        print(report)
        exit(report.violation == nil ? 0 : 1)
    }
    let report = try Simulation.run(Settings(seed: seed, mutant: mutant), isLogging: true)
    print(report.log.joined(separator: "\n"))
    print(report)
    exit(report.violation == nil ? 0 : 1)
}

let first = number("FIRST", or: 1)
let seeds = first..<(first + max(1, number("SEEDS", or: 10_000)))
var failures = 0
if world == nil || world == "callbacks" {
    failures += try await search(seeds, Totals()) { seed, totals in
        totals.add(try Simulation.run(Settings(seed: seed, mutant: mutant)))
    }
}
if world == nil || world == "updates" {
    failures += try await search(seeds, UpdateTotals()) { seed, totals in
        totals.add(UpdateWorld.run(UpdateSettings(seed: seed, mutant: updateMutant)))
    }
}
if world == nil || world == "caches" {
    failures += try await search(seeds, CacheTotals()) { seed, totals in
        totals.add(CacheWorld.run(CacheSettings(drawnFrom: seed, mutant: cacheMutant)))
    }
}
exit(failures == 0 ? 0 : 1)
