public import MessageBus
internal import WireProtocol

/// The controller that a module registers as `background_update_controller`, asked over the bus.
///
/// `on_update` is entered and left by two calls of the same target, told apart by their metadata: `{"scope":"enter"}`, whose reply may name
/// the scope in its metadata as `scope_id`, and `{"scope":"exit","scope_id":…}`, whose arguments have the `outcome` beside the others.
public struct BusUpdateController: UpdateController {
    private static let category = "callback/background_update_controller"

    private let bus: any BusCaller
    private let budget: Duration

    /// - Parameters:
    ///   - bus: The connection to ask over.
    ///   - budget: How long an answer may take.
    public init(_ bus: any BusCaller, budget: Duration = .seconds(2)) {
        self.bus = bus
        self.budget = budget
    }

    public func enter(_ update: UpdateIdentity, isOneShot: Bool) async throws -> ControllerAnswer? {
        var arguments = update.arguments
        arguments["one_shot"] = .bool(isOneShot)
        let reply = try await self.call("on_update", arguments, metadata: ["scope": "enter"])
        guard reply.status == .answer else { return nil }
        let scope = reply.metadata.flatMap { try? JSONValue(parsing: $0) }?["scope_id"]?.string
        return try ControllerAnswer(json: JSONValue(parsing: reply.body), scope: scope)
    }

    public func exit(_ update: UpdateIdentity, scope: String?, outcome: BatchOutcome) async throws {
        var arguments = update.arguments
        arguments["outcome"] = outcome.json
        var metadata: JSONObject = ["scope": "exit"]
        metadata["scope_id"] = scope.map(JSONValue.string)
        _ = try await self.call("on_update", arguments, metadata: metadata)
    }

    public func defaultBatchSize(_ update: UpdateIdentity) async throws -> Int64? {
        try await self.size("default_batch_size", update)
    }

    public func minimumBatchSize(_ update: UpdateIdentity) async throws -> Int64? {
        try await self.size("min_batch_size", update)
    }

    private func size(_ name: String, _ update: UpdateIdentity) async throws -> Int64? {
        let reply = try await self.call(name, update.arguments, metadata: nil)
        guard reply.status == .answer else { return nil }
        guard let size = try JSONValue(parsing: reply.body).integer else {
            throw BackgroundUpdatesError(.failed, "the controller's `\(name)` is no whole number")
        }
        return size
    }

    /// A reply without an error; `continue` says that there is no controller.
    private func call(_ name: String, _ arguments: JSONObject, metadata: JSONObject?) async throws -> BusReply {
        let reply = try await self.bus.call(
            BusRequest(
                target: "\(Self.category)/\(name)",
                metadata: metadata.map { JSONValue.object($0).encoded() },
                body: JSONValue.object(arguments).encoded(),
                budget: self.budget
            )
        )
        guard let fault = reply.fault else { return reply }
        if fault.code == .noneRegistered { return BusReply(status: .continue) }
        throw fault
    }
}

extension UpdateIdentity {
    fileprivate var arguments: JSONObject {
        ["update_name": .string(self.update), "database_name": .string(self.database)]
    }
}

extension ControllerAnswer {
    /// A number of milliseconds, as in the original; or an object with `duration_ms` or `wait_ms`, and perhaps `sleep_ms` and `reason`.
    init(json: JSONValue, scope: String?) throws {
        let sleep = json["sleep_ms"]?.number
        if let milliseconds = json.number ?? json["duration_ms"]?.number {
            self.init(.run(milliseconds: milliseconds), sleepMilliseconds: sleep, scope: scope)
        } else if let milliseconds = json["wait_ms"]?.number {
            let reason = json["reason"]?.string ?? "the controller said so"
            self.init(.wait(milliseconds: milliseconds, reason: reason), sleepMilliseconds: sleep, scope: scope)
        } else {
            throw BackgroundUpdatesError(.failed, "the controller's answer is no number of milliseconds")
        }
    }
}

extension BatchOutcome {
    /// What a controller learns of a batch.
    var json: JSONValue {
        switch self {
        case .progressed(let rows, let milliseconds, let isCut):
            [
                "status": "progressed", "rows": .integer(Int64(rows)), "duration_ms": .number(milliseconds),
                "cut": .bool(isCut),
            ]
        case .finished(let rows, let milliseconds):
            ["status": "finished", "rows": .integer(Int64(rows)), "duration_ms": .number(milliseconds)]
        case .failed(let reason):
            ["status": "failed", "error": .string(reason)]
        case .aborted(let reason):
            ["status": "aborted", "error": .string(reason)]
        }
    }
}
