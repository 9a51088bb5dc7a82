import Foundation

/// Where the sockets and the configuration of one run are.
struct BenchmarkFolder {
    private static let catalogue = """
        catalogue: 1
        categories:
          benchmark:
            summary: Calls that are made to be measured.
            callbacks:
              echo:
                summary: Answers with its own arguments.
                rule: exclusive
                arguments: { payload: string }
                result: any
        """

    private let url: URL

    init() throws {
        // A short name: the path of a unix socket has about a hundred bytes.
        let name = "ganglion-benchmark-\(ProcessInfo.processInfo.processIdentifier)"
        self.url = FileManager.default.temporaryDirectory.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: self.url, withIntermediateDirectories: true)
    }

    func path(_ name: String) -> String {
        self.url.appendingPathComponent(name).path
    }

    /// Makes a folder with the configuration of one platform.
    ///
    /// - Parameters:
    ///   - name: The folder's.
    ///   - port: Where its gateway listens, if it is started.
    ///   - modules: Who may connect.
    ///   - callbacks: What it says of them; by default, that what measures may take its time.
    ///   - sections: What else the configuration says.
    /// - Returns: The path of the configuration file.
    /// - Throws: When it cannot be written.
    func platform(
        _ name: String,
        port: Int = 1,
        modules: [String],
        callbacks: String = "budget_ms: 120000",
        sections: String = ""
    ) throws -> String {
        let folder = self.url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("run"),
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let configuration = """
            gateway: { listen: "127.0.0.1:\(port)" }
            log: { level: warning }
            callbacks: { \(callbacks) }
            \(sections)
            modules:
            \(modules.map { "  - module: \($0)" }.joined(separator: "\n"))
            """
        let file = folder.appendingPathComponent("ganglion.yaml")
        try Data(configuration.utf8).write(to: file)
        return file.path
    }

    /// The same for calls that are made to be measured, and the module that answers them.
    func echoPlatform(_ name: String, port: Int = 1) throws -> String {
        let catalogue = self.path("catalogue.yaml")
        try Data(Self.catalogue.utf8).write(to: URL(fileURLWithPath: catalogue))
        return try self.platform(
            name,
            port: port,
            modules: ["echo"],
            callbacks: "catalogue: \(catalogue)"
        )
    }

    func remove() {
        do {
            try FileManager.default.removeItem(at: self.url)
        } catch {
            print("could not remove \(self.url.path): \(error)")
        }
    }
}
