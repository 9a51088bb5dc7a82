import Foundation

/// A NATS server on this machine.
enum NATS {
    /// Starts one.
    ///
    /// - Returns: The port it listens on; nil, with a word about it, where NATS is not installed.
    /// - Throws: When it cannot be started.
    static func start(_ programs: Programs) throws -> String? {
        guard let server = Programs.find("nats-server") else {
            print(
                "left out: NATS, because nats-server is missing: apt-get install nats-server, or brew install nats-server"
            )
            return nil
        }
        // Different in every run, and others than those for HTTP.
        let port = String(40_000 + ProcessInfo.processInfo.processIdentifier % 10_000)
        _ = try programs.startGuarded([server, "--addr", "127.0.0.1", "--port", port, "--log", "/dev/null"])
        return port
    }
}
