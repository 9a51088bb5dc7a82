import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import WireProtocol

/// A whole platform: `ganglion up` in a folder of its own, with real processes, sockets and HTTP.
final class TestPlatform: Sendable {
    let folder: URL
    let port: Int
    private let command: CommandLineProcess

    private init(folder: URL, port: Int, command: CommandLineProcess) {
        self.folder = folder
        self.port = port
        self.command = command
    }

    /// Starts a platform, waits until it is ready, and stops it after the closure.
    ///
    /// - Parameters:
    ///   - modules: The `modules` part of the configuration, as YAML, indented by two spaces.
    ///   - extra: More top-level parts of the configuration.
    ///   - prepare: What to put into the platform's folder before it starts.
    ///   - readiness: What to wait for before the closure runs.
    ///   - body: What to do with the platform.
    /// - Throws: What the closure throws, or that the platform did not come up.
    static func run(
        modules: String,
        extra: String = "",
        preparing prepare: (URL) throws -> Void = { _ in },
        waitingFor readiness: Readiness = .everything,
        _ body: (TestPlatform) async throws -> Void
    ) async throws {
        let folder = try TemporaryFolder.make()
        defer { TemporaryFolder.remove(folder) }
        let port = try FreePort.find()
        let configuration = """
            gateway: { listen: "127.0.0.1:\(port)", budget_ms: 3000, body_bytes_max: 262144 }
            \(extra)
            modules:
            \(modules)
            """
        try configuration.write(to: folder.appending(path: "ganglion.yaml"), atomically: true, encoding: .utf8)
        try prepare(folder)
        try await Self.run(in: folder, port: port, waitingFor: readiness, body)
    }

    /// Starts a platform in this one's folder, which has to be stopped, and stops it after the closure.
    ///
    /// - Throws: What the closure throws, or that the platform did not come up.
    func startAgain(_ body: (TestPlatform) async throws -> Void) async throws {
        try await Self.run(in: self.folder, port: self.port, waitingFor: .everything, body)
    }

    private static func run(
        in folder: URL,
        port: Int,
        waitingFor readiness: Readiness,
        _ body: (TestPlatform) async throws -> Void
    ) async throws {
        let command = try CommandLineProcess(
            Executables.path(of: "ganglion"),
            ["up", "--config", "ganglion.yaml"],
            in: folder
        )
        let platform = TestPlatform(folder: folder, port: port, command: command)
        do {
            try await platform.wait(for: readiness)
            try await body(platform)
        } catch {
            print("the platform said:\n\(command.output.suffix(8000))")
            command.end()
            throw error
        }
        command.end()
    }

    /// What a test waits for before it begins.
    enum Readiness {
        /// Every configured module is up.
        case everything
        /// The gateway has a routing table.
        case gateway
    }

    private func wait(for readiness: Readiness) async throws {
        try await eventually("the platform is ready", within: .seconds(20)) {
            guard self.command.isRunning else { throw PlatformEnded(output: self.command.output) }
            guard let response = try? await self.get("/_ganglion/ready") else { return false }
            switch readiness {
            case .everything: return response.status == 200
            case .gateway: return (response.json["epoch"]?.integer ?? 0) > 0
            }
        }
    }

    struct PlatformEnded: Error {
        let output: String
    }

    /// What `ganglion up` and all processes below it have written.
    var output: String { self.command.output }

    /// Tells `ganglion up` to stop and waits for it.
    ///
    /// - Returns: Its exit status, and how long it took.
    func stop() async throws -> (status: Int32, duration: Duration) {
        let start = ContinuousClock.now
        self.command.signal(SIGINT)
        try await eventually("ganglion up has ended", within: .seconds(10)) { !self.command.isRunning }
        return (self.command.status, ContinuousClock.now - start)
    }
}

// MARK: - Processes

extension TestPlatform {
    /// The process ids by label, as the supervisor tells them.
    func processIDs() throws -> [String: Int32] {
        let data = try Data(contentsOf: self.folder.appending(path: "run/supervisor.json"))
        let state = try JSONValue(parsing: Payload([UInt8](data)))
        var ids: [String: Int32] = [:]
        for process in state["processes"]?.array ?? [] {
            guard let name = process["name"]?.string, let id = process["pid"]?.integer else { continue }
            ids[name] = Int32(id)
        }
        return ids
    }

    /// Sends a signal to one process of the platform.
    ///
    /// - Returns: The process id it had.
    @discardableResult
    func signal(_ name: String, _ number: Int32) throws -> Int32 {
        guard let id = try self.processIDs()[name] else { throw NoSuchProcess(name: name) }
        kill(id, number)
        return id
    }

    struct NoSuchProcess: Error {
        let name: String
    }
}

// MARK: - HTTP

extension TestPlatform {
    struct Response {
        let status: Int
        let headers: [String: String]
        let body: String

        /// The body as JSON; `null` if it is none.
        var json: JSONValue { (try? JSONValue(parsing: self.body)) ?? .null }
    }

    /// Opens as many connections as there are requests at a time, so that none waits for another on this side.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// The dispatcher's endpoint.
    var bus: String { "ipc://\(self.folder.path)/run/bus.sock" }

    var url: String { "http://127.0.0.1:\(self.port)" }

    func token() throws -> String {
        try String(contentsOf: self.folder.appending(path: "run/admin.token"), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    func get(_ path: String) async throws -> Response {
        try await self.send("GET", path)
    }

    /// Sends one request, with the administrator's token.
    func send(
        _ method: String,
        _ path: String,
        body: Payload? = nil,
        timeout: Duration = .seconds(10)
    ) async throws -> Response {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .RAW(value: method)
        if let token = try? self.token() { request.headers.add(name: "authorization", value: "Bearer \(token)") }
        if let body { request.body = .bytes(ByteBuffer(bytes: body.bytes)) }
        let response = try await Self.client.execute(
            request,
            timeout: .nanoseconds(Int64(timeout / .nanoseconds(1)))
        )
        let buffer = try await response.body.collect(upTo: 32 << 20)
        return Response(
            status: Int(response.status.code),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) },
                uniquingKeysWith: { first, _ in first }
            ),
            body: String(buffer: buffer)
        )
    }

    /// Asks a callback's chain as a host does over HTTP.
    func ask(_ category: String, _ name: String, _ arguments: JSONValue) async throws -> Response {
        try await self.send("POST", "/_ganglion/v1/callbacks/\(category)/\(name)", body: arguments.encoded())
    }

    /// Runs one command of `ganglion` against this platform.
    func commandLine(_ arguments: [String]) async throws -> (status: Int32, output: String) {
        let process = try CommandLineProcess(Executables.path(of: "ganglion"), arguments, in: self.folder)
        let status = try await process.waitForEnd(within: .seconds(10))
        return (status, process.output)
    }

    /// What the operator sees of one module.
    func module(_ id: String) async throws -> JSONValue {
        let response = try await self.get("/_ganglion/admin/v1/modules")
        return response.json["modules"]?.array?.first { $0["id"]?.string == id } ?? .null
    }
}
