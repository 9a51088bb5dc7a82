import Foundation

/// Measures what the bus costs against what the same machine does without it, and prints it as ratios of one run.
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
        let bus = try BusBenchmark(options, programs, folder)
        let http = options.measuresHTTP ? try HTTPBenchmark(options, programs, folder) : nil
        var table = Measurements()
        for round in 1...options.rounds {
            print("round \(round) of \(options.rounds)")
            fflush(nil)
            try bus.measure(round: round, into: &table)
            try http?.measure(round: round, into: &table)
        }
        let report = Report(machine: machine, measurements: table)
        print(report.text)
        if let file = options.jsonFile {
            try report.json().write(to: URL(fileURLWithPath: file))
        }
    }
}
