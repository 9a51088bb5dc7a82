import Foundation

/// What the command line says.
struct Options {
    static let usage = """
        usage: Benchmarks/run [--rounds N] [--seconds S] [--bus-only] [--http-only] [--updates-only] [--caching-only] [--json FILE]

          --rounds N    how often everything is measured, in turns (default 5)
          --seconds S   how long each measurement takes (default 1.5)
          --bus-only, --http-only, --updates-only, --caching-only
                        measure one part; of several, those
          --json FILE   write all measurements to a file as well
        """

    var rounds = 5
    var seconds = 1.5
    private var named: [Part] = []
    var jsonFile: String?
    /// Where the project is.
    let project: String
    /// Where the compiled C programs are.
    let programs: String
    /// Where the compiled Swift programs are.
    let products: String

    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    init(_ arguments: [String]) throws {
        let environment = ProcessInfo.processInfo.environment
        guard let programs = environment["BENCHMARK_PROGRAMS"], let project = environment["BENCHMARK_PROJECT"] else {
            throw Problem(description: "start the benchmarks with Benchmarks/run, which compiles what they measure")
        }
        self.programs = programs
        self.project = project
        self.products = URL(fileURLWithPath: arguments[0]).deletingLastPathComponent().path
        var rest = arguments.dropFirst()
        while let option = rest.popFirst() {
            try self.take(option, &rest)
        }
    }

    private mutating func take(_ option: String, _ rest: inout ArraySlice<String>) throws {
        switch option {
        case "--help": throw Problem(description: Self.usage)
        case "--json": self.jsonFile = rest.popFirst()
        case "--rounds": self.rounds = try Self.number(option, rest.popFirst().flatMap(Int.init), in: 1...100)
        case "--seconds": self.seconds = try Self.number(option, rest.popFirst().flatMap(Double.init), in: 0.1...60)
        case let name where Part.allCases.contains { name == "--\($0)-only" }:
            self.named += Part.allCases.filter { name == "--\($0)-only" }
        default: throw Problem(description: "there is no option \(option)\n\(Self.usage)")
        }
    }

    private static func number<N: Comparable>(_ option: String, _ value: N?, in range: ClosedRange<N>) throws -> N {
        guard let value, range.contains(value) else {
            throw Problem(description: "\(option) needs a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// What is measured.
    var parts: [Part] { Part.allCases.filter { self.named.isEmpty || self.named.contains($0) } }

    /// A warm-up, and what is measured, in milliseconds.
    var times: [String] { ["300", String(Int(self.seconds * 1000))] }
}
