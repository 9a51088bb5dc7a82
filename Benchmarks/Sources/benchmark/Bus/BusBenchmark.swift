import Foundation

/// Calls of 256 bytes from a client through a broker to a worker and back, each a process of its own, over ipc; NATS's over tcp, for it
/// has nothing else.
struct BusBenchmark: Measuring {
    private static let loads = [1, 64, 512]

    /// Who calls, and who answers: command lines, but for the endpoint.
    private struct Peers {
        let client: [String]
        let worker: [String]
    }

    /// A broker with a worker behind it.
    private struct Lane {
        let subject: Subject
        let endpoint: String
        let client: [String]
    }

    private let programs: Programs
    private let times: [String]
    private var lanes: [Lane] = []

    init(_ options: Options, _ programs: Programs, _ folder: BenchmarkFolder) throws {
        self.programs = programs
        self.times = options.times
        let bare = Peers(client: ["\(options.programs)/client"], worker: ["\(options.programs)/worker"])
        let packing = Peers(client: bare.client + ["packs"], worker: bare.worker + ["packs"])
        let swift = Peers(client: ["\(options.products)/bus-client"], worker: Platform.echoModule(options))
        let platform = Platform(options, programs)
        let broker = "\(options.programs)/broker"
        try self.add(.bareLibzmq, bare, behind: self.startBroker(broker, folder.path("bare.sock")))
        try self.add(.bareBrokerSDK, swift, behind: self.startBroker(broker, folder.path("peers.sock")))
        try self.add(
            .dispatcherBarePeers,
            bare,
            behind: platform.startDispatcher(try folder.echoPlatform("dispatcher"))
        )
        try self.add(
            .dispatcherPacks,
            packing,
            behind: platform.startDispatcher(try folder.echoPlatform("packs"))
        )
        try self.add(.dispatcherSDK, swift, behind: platform.startDispatcher(try folder.echoPlatform("sdk")))
        guard let port = try NATS.start(programs) else { return }
        let natsPeers = Peers(client: ["\(options.programs)/nats-client"], worker: ["\(options.programs)/nats-worker"])
        // It is started a moment before it listens.
        try Patience.retry { try self.add(.nats, natsPeers, behind: port) }
    }

    private func startBroker(_ executable: String, _ socket: String) throws -> String {
        try self.programs.start([executable, "ipc://\(socket)"]).waitUntilReady()
        return "ipc://\(socket)"
    }

    private mutating func add(_ subject: Subject, _ peers: Peers, behind endpoint: String) throws {
        try self.programs.start(peers.worker + [endpoint]).waitUntilReady()
        self.lanes.append(Lane(subject: subject, endpoint: endpoint, client: peers.client))
    }

    func measure(round: Int, into table: inout Measurements) throws {
        for load in Self.loads {
            // Forth and back in turns, so that what drifts during a round favours nobody.
            for lane in round % 2 == 1 ? self.lanes : self.lanes.reversed() {
                table.add(try self.sample(of: lane, load: load), of: lane.subject, load: load)
            }
        }
    }

    private func sample(of lane: Lane, load: Int) throws -> Measurements.Sample {
        try LoadSummary(self.programs.run(lane.client + [lane.endpoint, String(load)] + self.times)).sample
    }
}
