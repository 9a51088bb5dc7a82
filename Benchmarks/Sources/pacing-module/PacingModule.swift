import Foundation
import ModuleSDK
import WireProtocol

/// Lets background updates run without a pause, and measures one from its queueing to its end.
@main
struct PacingModule: Module {
    private static let worker = "background-update-worker"

    init(configuration: NoConfiguration, api: ModuleAPI) {
        let stopwatch = UpdateStopwatch()
        api.registerBackgroundUpdateController(
            onUpdate: { _ in .run(.milliseconds(100)) },
            afterUpdate: { _, outcome in stopwatch.note(outcome) }
        )
        api.registerMethod("measure") { arguments in
            guard let update = arguments["update"]?.string else { throw BusFault(.badRequest, "which `update`?") }
            try await Self.waitForWorker(api)
            return try await stopwatch.measure {
                _ = try await api.callMethod("start_job", of: Self.worker, ["job_name": .string(update)])
            }
        }
    }

    /// The worker may not have registered yet.
    private static func waitForWorker(_ api: ModuleAPI) async throws {
        for _ in 0..<500 {
            if (try? await api.callMethod("enabled", of: Self.worker)) != nil { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        _ = try await api.callMethod("enabled", of: Self.worker)
    }

    func start() {
        print("ready")
        // The benchmark waits for the line, and a pipe would keep it.
        fflush(nil)
    }
}
