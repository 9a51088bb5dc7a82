import Foundation

/// A short answer over HTTP: from Hummingbird itself, and from a module through gateway and dispatcher.
struct HTTPBenchmark: Measuring {
    private static let connections = 32

    private struct Lane {
        let subject: Subject
        let url: String
    }

    private let programs: Programs
    private let wrk: String
    private let lanes: [Lane]
    private let seconds: Int

    init(_ options: Options, _ programs: Programs, _ folder: BenchmarkFolder) throws {
        guard let wrk = Programs.find("wrk") else {
            throw Program.Failure(description: "wrk is missing: apt-get install wrk, or brew install wrk")
        }
        self.wrk = wrk
        self.programs = programs
        // wrk counts in whole seconds.
        self.seconds = max(1, Int(options.seconds.rounded(.up)))
        let port = Self.firstPort
        _ = try programs.start(["\(options.products)/hummingbird-alone", String(port)])
        try Self.startPlatform(options, programs, folder, port: port + 1)
        self.lanes = [
            Lane(subject: .hummingbird, url: "http://127.0.0.1:\(port)/hello"),
            Lane(subject: .gateway, url: "http://127.0.0.1:\(port + 1)/_modules/echo/hello"),
        ]
        for lane in self.lanes {
            try Patience.retry { _ = try self.load(lane, seconds: 1) }
        }
    }

    private static func startPlatform(
        _ options: Options,
        _ programs: Programs,
        _ folder: BenchmarkFolder,
        port: Int
    ) throws {
        let platform = Platform(options, programs)
        let configuration = try folder.echoPlatform("http", port: port)
        let endpoint = try platform.startDispatcher(configuration)
        try programs.start(Platform.echoModule(options) + [endpoint]).waitUntilReady()
        try platform.startGateway(configuration)
    }

    /// Different in every run, so that a run finds no connections of an earlier one.
    private static var firstPort: Int {
        20_000 + Int(ProcessInfo.processInfo.processIdentifier % 10_000) * 2
    }

    func measure(round: Int, into table: inout Measurements) throws {
        for lane in round % 2 == 1 ? self.lanes : self.lanes.reversed() {
            let sample = try self.load(lane, seconds: self.seconds)
            table.add(sample, of: lane.subject, load: Self.connections)
        }
    }

    private func load(_ lane: Lane, seconds: Int) throws -> Measurements.Sample {
        let command = [self.wrk, "-t1", "-c\(Self.connections)", "-d\(seconds)s", "--latency", lane.url]
        return try WrkOutput(self.programs.run(command), of: lane.url).sample
    }
}
