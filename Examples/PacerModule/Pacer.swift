import Foundation
import ModuleSDK
import Synchronization
import WireProtocol

/// Paces background updates: little in the hours in which people are there, and less the busier the database is.
@main
struct Pacer: Module {
    static let version = "1.0.0"

    init(configuration: PacerConfiguration, api: ModuleAPI) {
        let loads = Loads(configuration.busy)
        let calendar = configuration.calendar
        api.registerBackgroundUpdateController(
            onUpdate: { update in
                let pace = configuration.pace(
                    at: calendar.minuteOfDay(of: Date()),
                    load: loads.load(of: update.database)
                )
                loads.begin(update, asked: pace.duration)
                return .run(pace.duration, sleep: pace.sleep)
            },
            afterUpdate: { update, outcome in
                loads.end(update, outcome)
            },
            defaultBatchSize: configuration.defaultBatchSize.map { size in { @Sendable _ in size } },
            minBatchSize: configuration.minBatchSize.map { size in { @Sendable _ in size } }
        )
        api.registerMethod("status") { _ in loads.json }
    }
}

/// The loads of all databases, which handlers of several calls share.
final class Loads: Sendable {
    private let storage: Mutex<DatabaseLoads>

    init(_ configuration: PacerConfiguration.Busy) {
        self.storage = Mutex(DatabaseLoads(configuration))
    }

    func load(of database: String) -> Int {
        self.storage.withLock { $0.load(of: database) }
    }

    func begin(_ update: BackgroundUpdateIdentity, asked: Duration) {
        self.storage.withLock { $0.begin(update, asked: asked) }
    }

    func end(_ update: BackgroundUpdateIdentity, _ outcome: BackgroundUpdateOutcome) {
        self.storage.withLock { $0.end(update, outcome) }
    }

    /// How busy each database is, from 0.
    var json: JSONValue {
        var loads = JSONObject()
        for (database, load) in self.storage.withLock({ $0.loads }) { loads[database] = .integer(Int64(load)) }
        return ["loads": .object(loads), "load_max": .integer(Int64(DatabaseLoads.loadMax))]
    }
}

extension Calendar {
    func minuteOfDay(of date: Date) -> Int {
        let components = self.dateComponents([.hour, .minute], from: date)
        return (components.hour ?? 0) * 60 + (components.minute ?? 0)
    }
}
