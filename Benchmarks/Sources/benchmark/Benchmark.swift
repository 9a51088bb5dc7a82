import Foundation

/// Measures what the platform costs against what the same machine does without it, and prints it as ratios of one run.
@main
struct Benchmark {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        do {
            try Self.run(Options(CommandLine.arguments))
        } catch {
            FileHandle.standardError.write(Data("\(error)\n".utf8))
            exit(1)
        }
    }

    private static func run(_ options: Options) throws {
        let machine = Machine.describe()
        print(machine)
        let folder = try BenchmarkFolder()
        let programs = Programs()
        defer {
            programs.stop()
            folder.remove()
        }
        let cleaning = Interruption.watch { signal in
            programs.stop()
            folder.remove()
            exit(128 + signal)
        }
        defer {
            for source in cleaning { source.cancel() }
        }
        let parts = try options.parts.map { try Self.start($0, options, programs, folder) }
        var table = Measurements()
        for round in 1...options.rounds {
            print("round \(round) of \(options.rounds)")
            fflush(nil)
            for part in parts { try part.measure(round: round, into: &table) }
        }
        let report = Report(machine: machine, measurements: table)
        print(report.text)
        if let file = options.jsonFile {
            try report.json().write(to: URL(fileURLWithPath: file))
        }
    }

    private static func start(
        _ part: Part,
        _ options: Options,
        _ programs: Programs,
        _ folder: BenchmarkFolder
    ) throws -> any Measuring {
        switch part {
        case .bus: try BusBenchmark(options, programs, folder)
        case .http: try HTTPBenchmark(options, programs, folder)
        case .updates: try UpdateBenchmark(options, programs, folder)
        case .caching: try CacheBenchmark(options, programs, folder)
        }
    }
}
