public import Logging
public import MessageBus
public import ServiceLifecycle
internal import WireProtocol

/// Works the pending background updates of every configured database, one at a time in each.
///
/// Any number of workers may run on the same databases: whoever has a database's lease works, the others wait for it to end. What
/// is done, and how far, is in the databases; a worker that ends in any way costs at most the batch in hand.
public final class BackgroundUpdateWorker: Service {
    /// The name of the process on the bus and in logs.
    public static let id = "background-update-worker"

    /// What it has counted.
    public let counters: WorkerCounters
    /// What it answers over the bus.
    public let methods: UpdateMethods
    private let runners: [DatabaseRunner]

    /// - Parameters:
    ///   - configuration: The databases and their updates.
    ///   - incarnation: What tells this process from others that worked on the same databases.
    ///   - controller: Who paces the updates.
    ///   - bus: Over which modules are asked about rows.
    ///   - clock: Where the time comes from.
    ///   - logger: Where it tells what happens.
    public convenience init(
        _ configuration: WorkerConfiguration,
        incarnation: String,
        controller: any UpdateController,
        bus: any BusCaller,
        clock: any WorkerClock = SystemClock(),
        logger: Logger
    ) {
        self.init(
            configuration,
            owner: LeaseOwner.make(incarnation: incarnation),
            controller: controller,
            mapper: BusRowMapper(bus: bus),
            clock: clock,
            limits: WorkerLimits(),
            logger: logger
        )
    }

    init(
        _ configuration: WorkerConfiguration,
        owner: String,
        controller: any UpdateController,
        mapper: any RowMapper,
        clock: any WorkerClock,
        limits: WorkerLimits,
        patience: any WorkerClock = SystemClock(),
        logger: Logger
    ) {
        let counters = WorkerCounters()
        let guarded = GuardedController(
            controller: controller,
            defaults: configuration.defaults,
            clock: patience,
            counters: counters
        )
        self.counters = counters
        self.runners = configuration.databases.map { database in
            DatabaseRunner(
                store: UpdateStore(name: database.name, path: database.path, clock: clock),
                handlers: database.updates.reduce(into: [:]) { $0[$1.name] = $1.handler(mapper) },
                owner: owner,
                controller: guarded,
                limits: limits,
                counters: counters,
                logger: logger
            )
        }
        self.methods = UpdateMethods(runners: self.runners, owner: owner, counters: counters, clock: clock)
    }

    /// Works until the service is told to shut down: the steps in hand are committed then and the databases given back.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for runner in self.runners {
                    group.addTask { await runner.run() }
                }
                // A worker without databases has nothing to do and is no failure.
                if self.runners.isEmpty { group.addTask { try? await gracefulShutdown() } }
            }
        } onGracefulShutdown: {
            self.stop()
        }
    }

    func stop() {
        for runner in self.runners { runner.stop() }
    }
}
