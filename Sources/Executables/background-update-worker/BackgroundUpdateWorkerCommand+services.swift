import BackgroundUpdates
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime
import WireProtocol

extension BackgroundUpdateWorkerCommand {
    /// The services of the process, in the order in which they start; they stop in the opposite one.
    static func services(_ platform: PlatformConfiguration, logger: Logger) throws -> [any Service] {
        let configuration = try Self.workerConfiguration(platform)
        // The worker calls over the connection, and the connection serves the worker's methods.
        let methods = LateMethods()
        let thread = try SocketThread(label: "updates")
        let bus = BusConnection(
            configuration: BusConnectionConfiguration(
                endpoint: platform.bus.connect,
                id: BackgroundUpdateWorker.id,
                role: .module,
                heartbeatMilliseconds: UInt32(clamping: Int64(platform.bus.heartbeat / .milliseconds(1))),
                bodySizeMax: platform.bus.bodyBytesMax
            ),
            loop: thread.loop,
            context: thread.context,
            delegate: WorkerBusDelegate(methods, logger: logger),
            logger: logger
        )
        let worker = BackgroundUpdateWorker(
            configuration,
            incarnation: bus.incarnation,
            controller: BusUpdateController(bus),
            bus: bus,
            logger: logger
        )
        methods.methods = worker.methods
        return [thread, bus, worker]
    }

    private static func workerConfiguration(_ platform: PlatformConfiguration) throws -> WorkerConfiguration {
        var problems: [ConfigurationProblem] = []
        let databases = try platform.databases.sorted { $0.key < $1.key }.compactMap { name, database in
            guard case .sqlite(let path) = database else { return UpdateDatabase?.none }
            let updates = try JSONValue(parsing: Payload(platform.updates[name] ?? Array("{}".utf8)))
            do throws(DeclarationProblems) {
                return try UpdateDatabase(name: name, path: path, updates: updates)
            } catch {
                problems += error.problems.map { Self.problem($0, of: name, platform) }
                return nil
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(.invalid, problems: problems) }
        return WorkerConfiguration(databases: databases)
    }

    private static func problem(
        _ problem: DeclarationProblems.Problem,
        of database: String,
        _ platform: PlatformConfiguration
    ) -> ConfigurationProblem {
        let path = "databases.\(database).updates" + (problem.path.isEmpty ? "" : ".\(problem.path)")
        return platform.problem(at: path, problem.message)
    }
}
