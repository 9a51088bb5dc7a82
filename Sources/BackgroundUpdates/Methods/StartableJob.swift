internal import WireProtocol

/// What `start_job` puts into the queue.
enum StartableJob {
    /// The original's three jobs, and every update that is declared.
    ///
    /// - Returns: Nil when there is no such job.
    /// - Throws: ``BackgroundUpdatesError/Code/invalidArgument`` when the job needs what is not there.
    static func updates(
        of job: String,
        _ arguments: JSONValue,
        declared: Set<String>
    ) throws(BackgroundUpdatesError) -> [PendingUpdate]? {
        switch job {
        case "populate_stats_process_rooms":
            return [PendingUpdate(name: job)]
        case "regenerate_directory":
            return self.chain([
                "populate_user_directory_createtables", "populate_user_directory_process_rooms",
                "populate_user_directory_process_users", "populate_user_directory_cleanup",
            ])
        case "event_resign":
            return [PendingUpdate(name: job, progress: try self.resigning(arguments))]
        default:
            return declared.contains(job) ? [PendingUpdate(name: job)] : nil
        }
    }

    /// Each after the one before it.
    private static func chain(_ names: [String]) -> [PendingUpdate] {
        zip(names, [nil] + names.map(Optional.some)).map { PendingUpdate(name: $0, dependsOn: $1) }
    }

    private static func resigning(_ arguments: JSONValue) throws(BackgroundUpdatesError) -> String {
        guard let key = arguments["old_key"]?.string else {
            throw BackgroundUpdatesError(.invalidArgument, "Missing required parameter `old_key`")
        }
        guard let time = arguments["before_ts"]?.integer else {
            throw BackgroundUpdatesError(.invalidArgument, "Missing required parameter `before_ts`")
        }
        let progress: JSONValue = ["old_key": .string(key), "before_ts": .integer(time)]
        return progress.encoded().text
    }
}
