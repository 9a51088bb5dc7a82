import Foundation

/// The platform's own processes.
struct Platform {
    private let options: Options
    private let programs: Programs

    init(_ options: Options, _ programs: Programs) {
        self.options = options
        self.programs = programs
    }

    /// Starts a dispatcher.
    ///
    /// - Parameter configuration: The path of its configuration file.
    /// - Returns: The endpoint it listens on.
    /// - Throws: When it does not listen within 10 seconds.
    func startDispatcher(_ configuration: String) throws -> String {
        try self.startService("callback-dispatcher", configuration, socket: "bus.sock")
    }

    /// Starts a cache service, likewise.
    func startCacheService(_ configuration: String) throws -> String {
        try self.startService("cache-service", configuration, socket: "cache.sock")
    }

    private func startService(_ name: String, _ configuration: String, socket: String) throws -> String {
        let folder = URL(fileURLWithPath: configuration).deletingLastPathComponent()
        let path = folder.appendingPathComponent("run/\(socket)").path
        try self.programs.start(["\(self.options.products)/\(name)", "--config", configuration]).waitForFile(path)
        return "ipc://\(path)"
    }

    /// Starts a gateway; it connects when it can.
    func startGateway(_ configuration: String) throws {
        _ = try self.programs.start(["\(self.options.products)/gateway", "--config", configuration])
    }

    /// Starts a worker; it connects when it can.
    func startUpdateWorker(_ configuration: String) throws {
        _ = try self.programs.start(["\(self.options.products)/background-update-worker", "--config", configuration])
    }

    /// Starts a module.
    func startModule(_ executable: String, as module: String, on endpoint: String) throws -> Program {
        try self.programs.start(["\(self.options.products)/\(executable)", "--module", module, "--bus", endpoint])
    }

    /// Has a module measure something.
    ///
    /// - Parameters:
    ///   - method: The module and its method, as in `cache/near`.
    ///   - arguments: JSON.
    ///   - endpoint: The dispatcher's.
    /// - Returns: What it measured.
    /// - Throws: When no answer comes within 2 minutes.
    func measure(_ method: String, _ arguments: String, over endpoint: String) throws -> LoadSummary {
        let command = ["\(self.options.products)/bus-call", endpoint, "120", "method/\(method)", arguments]
        return try LoadSummary(self.programs.run(command))
    }

    /// The command line of the module, but for the endpoint at its end.
    static func echoModule(_ options: Options) -> [String] {
        ["\(options.products)/echo-module", "--module", "echo", "--bus"]
    }
}
