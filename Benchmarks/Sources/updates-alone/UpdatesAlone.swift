import CallLoad
import GRDB
import MessageBus
import WireProtocol

/// The work of background updates without a worker: what SQLite does by itself, and in one process with a module's code.
@main
struct UpdatesAlone {
    static func main() throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3 else {
            print("usage: updates-alone (execute|count) FILE SQL, or updates-alone rows FILE WHERE FIRST,SECOND,…")
            return
        }
        var configuration = Configuration()
        // An idle worker looks into the database now and then.
        configuration.busyMode = .timeout(5)
        let database = try DatabaseQueue(path: arguments[1], configuration: configuration)
        switch arguments[0] {
        case "execute": print(try Self.execute(arguments[2], in: database).line)
        case "count": print(try database.read { try Int.fetchOne($0, sql: arguments[2]) ?? 0 })
        default:
            let sizes = (arguments.last ?? "").split(separator: ",").compactMap { Int($0) }
            print(try EventIndexing(database, where: arguments[2], batches: sizes).run().line)
        }
    }

    /// All in one transaction.
    private static func execute(_ sql: String, in database: DatabaseQueue) throws -> LoadSummary {
        // The schema is read before the clock runs, as it is in a worker.
        try database.read { _ = try $0.tableExists("events") }
        let began = MonotonicTime.now()
        let rows = try database.writeWithoutTransaction { db in
            let before = db.totalChangesCount
            try db.inTransaction(.immediate) {
                try db.execute(sql: sql)
                return .commit
            }
            return db.totalChangesCount - before
        }
        let duration = MonotonicTime.now().since(began)
        let nanoseconds = UInt32(clamping: Int64(duration / .nanoseconds(1)))
        return try LoadSummary(calls: rows, nanoseconds: [nanoseconds], duration: duration)
    }
}
