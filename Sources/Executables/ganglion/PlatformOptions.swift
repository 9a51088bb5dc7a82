import ArgumentParser
import Foundation
import ServiceRuntime
import Supervision

/// Which running platform a command asks.
struct PlatformOptions: ParsableArguments {
    @Option(help: "The configuration file of the platform.")
    var config = "ganglion.yaml"

    @Option(help: "The platform's address, such as http://127.0.0.1:8008; read from the configuration when left out.")
    var url: String?

    @Option(help: "The file with the admin token; read from the configuration when left out.")
    var tokenFile: String?

    @Flag(help: "Write JSON, for programs.")
    var json = false

    /// A client of the platform.
    ///
    /// - Throws: ``ConfigurationError`` when the configuration is needed and wrong, ``CommandFailure`` without a token.
    func client() throws -> PlatformClient {
        let needed = self.url == nil || self.tokenFile == nil
        let configuration = needed ? try PlatformConfiguration(contentsOf: self.config) : nil
        let file = self.tokenFile ?? configuration?.gateway.adminTokenFile ?? ""
        let url = self.url ?? configuration.map { PlatformClient.url(of: $0.gateway) } ?? ""
        do {
            return PlatformClient(url: url, token: try AdminToken.load(file))
        } catch {
            guard FileManager.default.fileExists(atPath: file) else {
                throw CommandFailure.unreachable(url, "there is no token in \(file), so it was not started yet")
            }
            throw CommandFailure.failed("\(error)")
        }
    }

    /// What the supervisor of this platform knows; nil when none runs in the configuration's folder.
    func supervisorState() throws -> SupervisorState? {
        guard FileManager.default.fileExists(atPath: self.config) else { return nil }
        return SupervisorState.load(RunFolder(of: try PlatformConfiguration(contentsOf: self.config)))
    }
}
