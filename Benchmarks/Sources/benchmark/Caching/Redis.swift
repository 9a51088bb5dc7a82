/// A redis that keeps nothing on the disk and is reached by a unix socket.
struct Redis {
    private let options: Options
    private let programs: Programs
    private let socket: String

    /// - Returns: nil, with a word about it, where redis is not installed.
    init?(_ options: Options, _ programs: Programs, _ folder: BenchmarkFolder) throws {
        guard let server = Programs.find("redis-server") else {
            print(
                "left out: GET of redis, because redis-server is missing: apt-get install redis-server, or brew install redis"
            )
            return nil
        }
        self.options = options
        self.programs = programs
        self.socket = folder.path("redis.sock")
        try programs.startGuarded([
            server, "--port", "0", "--unixsocket", self.socket, "--save", "",
            "--appendonly", "no", "--daemonize", "no",
            "--logfile", folder.path("redis.log"), "--dir", folder.path(""),
        ]).waitForFile(self.socket)
    }

    func get(connections: Int, inFlight: Int) throws -> Measurements.Sample {
        let client = ["\(self.options.programs)/redis-client", self.socket, String(connections), String(inFlight)]
        return try LoadSummary(self.programs.run(client + self.options.times)).sample
    }
}
