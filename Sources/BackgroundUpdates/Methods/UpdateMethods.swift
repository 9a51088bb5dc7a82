internal import MessageBus
public import WireProtocol

/// What operators ask of the worker, as JSON in and JSON out.
///
/// | method | arguments | answer |
/// | --- | --- | --- |
/// | `status` | | the original's, with every pending update and the reason why it does not move |
/// | `enabled` | no body to ask; `{"enabled"}` (default true) to set | `{"enabled"}`: whether all databases are |
/// | `start_job` | `job_name`, perhaps `database`, and what the job takes | `{}` |
/// | `list` | | the updates that are pending or declared |
/// | `pause`, `resume`, `retry` | `update_name`, perhaps `database` | `{}` |
/// | `metrics` | | counters since the start of this process |
public struct UpdateMethods: Sendable {
    let runners: [DatabaseRunner]
    let owner: String
    let counters: WorkerCounters
    let clock: any WorkerClock

    /// The names of the methods.
    static let names = ["status", "list", "metrics", "enabled", "start_job", "pause", "resume", "retry"]

    /// Answers one method.
    ///
    /// - Throws: ``BackgroundUpdatesError``: `invalidArgument` or `unknownUpdate` for a caller that has to ask differently.
    public func answer(_ method: String, _ arguments: JSONValue) async throws -> JSONValue {
        switch method {
        case "status": await self.status()
        case "list": await self.list()
        case "metrics": self.metrics
        case "enabled": try await self.enabled(arguments)
        case "start_job": try await self.startJob(arguments)
        case "pause": try await self.setStanding(.paused, event: "paused", arguments)
        case "resume": try await self.setStanding(.active, event: "resumed", arguments)
        case "retry": try await self.setStanding(.active, event: "retried", arguments)
        default: throw BackgroundUpdatesError(.invalidArgument, "there is no method `\(method)`")
        }
    }

    // MARK: Changes

    private func enabled(_ arguments: JSONValue) async throws -> JSONValue {
        if let object = arguments.object {
            guard let isEnabled = (object["enabled"] ?? true).bool else {
                throw BackgroundUpdatesError(.invalidArgument, "'enabled' parameter must be a boolean")
            }
            for runner in self.runners {
                try await runner.store.setEnabled(isEnabled)
                runner.wake()
            }
        }
        return ["enabled": .bool(await self.looks().allSatisfy { $0.view?.control.isEnabled ?? true })]
    }

    private func startJob(_ arguments: JSONValue) async throws -> JSONValue {
        guard let name = arguments["job_name"]?.string else {
            throw BackgroundUpdatesError(.invalidArgument, "Missing required parameter `job_name`")
        }
        let runner = try self.runner(arguments["database"]?.string, for: name)
        guard let updates = try StartableJob.updates(of: name, arguments, declared: Set(runner.handlers.keys)) else {
            throw BackgroundUpdatesError(.invalidArgument, "Invalid job_name")
        }
        try await runner.store.enqueue(updates, job: name)
        runner.wake()
        return [:]
    }

    private func setStanding(
        _ standing: UpdateState.Standing,
        event: String,
        _ arguments: JSONValue
    ) async throws -> JSONValue {
        guard let name = arguments["update_name"]?.string else {
            throw BackgroundUpdatesError(.invalidArgument, "Missing required parameter `update_name`")
        }
        let runner = try self.runner(arguments["database"]?.string, for: name)
        try await runner.store.setStanding(standing, of: name, event: event)
        runner.wake()
        return [:]
    }

    /// The database that is named; else the one that declares the update; else the first.
    private func runner(_ database: String?, for update: String) throws -> DatabaseRunner {
        let runner =
            if let database {
                self.runners.first { $0.store.name == database }
            } else {
                self.runners.first { $0.handlers[update] != nil } ?? self.runners.first
            }
        guard let runner else {
            let known = self.runners.map(\.store.name).joined(separator: ", ")
            throw BackgroundUpdatesError(
                .invalidArgument,
                known.isEmpty ? "no database is configured" : "no such database; configured are: \(known)"
            )
        }
        return runner
    }
}
