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
        let folder = URL(fileURLWithPath: configuration).deletingLastPathComponent()
        let socket = folder.appendingPathComponent("run/bus.sock").path
        try self.programs.start(["\(self.options.products)/callback-dispatcher", "--config", configuration])
            .waitForFile(socket)
        return "ipc://\(socket)"
    }

    /// Starts a gateway; it connects when it can.
    func startGateway(_ configuration: String) throws {
        _ = try self.programs.start(["\(self.options.products)/gateway", "--config", configuration])
    }

    /// The command line of the module, but for the endpoint at its end.
    static func echoModule(_ options: Options) -> [String] {
        ["\(options.products)/echo-module", "--module", "echo", "--bus"]
    }
}
