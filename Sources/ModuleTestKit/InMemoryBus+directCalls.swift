internal import MessageBus
public import ModuleSDK
public import WireProtocol

// MARK: Methods and background updates

extension InMemoryBus {
    /// Calls a method of the module.
    ///
    /// - Parameters:
    ///   - name: The method.
    ///   - arguments: What it takes.
    ///   - budget: The time the module has.
    /// - Returns: The answer.
    /// - Throws: ``BusFault``: the module's own, or as the bus would report it.
    public func callMethod(
        _ name: String,
        _ arguments: JSONValue = .null,
        budget: Duration = .seconds(5)
    ) async throws -> JSONValue {
        guard self.manifest.methods.contains(MethodClaim(name: name)) else {
            throw BusFault(.notFound, "the module did not register the method \(name)")
        }
        let body = arguments == .null ? Payload.empty : arguments.encoded()
        let call = InboundCall(target: "method/\(self.moduleID)/\(name)", budget: budget, epoch: 1, body: body)
        return try JSONValue(parsing: await self.deliver(call).body)
    }

    /// Asks the module about rows, as a worker does.
    ///
    /// - Parameters:
    ///   - update: The background update.
    ///   - rows: The rows, each by column.
    ///   - database: The database's name.
    ///   - budget: The time the module has.
    /// - Returns: The changes as they go over the wire: an object with `changes` and `skipped`.
    /// - Throws: ``BusFault``: the module's own, or as the bus would report it.
    public func mapRows(
        _ update: String,
        _ rows: [JSONObject],
        database: String = "main",
        budget: Duration = .seconds(5)
    ) async throws -> JSONValue {
        guard self.manifest.backgroundUpdates.contains(BackgroundUpdateClaim(name: update)) else {
            throw BusFault(.notFound, "the module did not register the background update \(update)")
        }
        let question: JSONValue = [
            "update": .string(update), "database": .string(database), "rows": .array(rows.map(JSONValue.object)),
        ]
        let call = InboundCall(
            target: "update/\(self.moduleID)/\(update)",
            budget: budget,
            epoch: 1,
            body: question.encoded()
        )
        let reply = try await self.deliver(call)
        return reply.status == .continue ? BackgroundUpdateChanges().json : try JSONValue(parsing: reply.body)
    }
}

// MARK: Scopes

extension InMemoryBus {
    /// Enters a scoped callback of the module.
    ///
    /// - Parameters:
    ///   - category: The callback's category.
    ///   - name: The callback's name.
    ///   - arguments: The named arguments.
    ///   - scope: What to call the scope; each is entered once.
    ///   - budget: The time the module has.
    /// - Returns: The module's answer; without a result it has not entered.
    /// - Throws: ``BusFault``: the module's own, or as the bus would report it.
    public func enter(
        _ category: String,
        _ name: String,
        _ arguments: JSONObject,
        scope: String,
        budget: Duration = .seconds(5)
    ) async throws -> CallbackAnswer {
        let reply = try await self.cross("enter", category, name, arguments, scope: scope, budget: budget)
        return reply.status == .continue ? .noOpinion : .result(try JSONValue(parsing: reply.body))
    }

    /// Leaves a scope of the module.
    ///
    /// - Parameters:
    ///   - category: The callback's category.
    ///   - name: The callback's name.
    ///   - arguments: The named arguments, with what there is to say.
    ///   - scope: What the scope is called.
    ///   - budget: The time the module has.
    /// - Throws: ``BusFault`` as the bus would report it.
    public func leave(
        _ category: String,
        _ name: String,
        _ arguments: JSONObject,
        scope: String,
        budget: Duration = .seconds(5)
    ) async throws {
        _ = try await self.cross("exit", category, name, arguments, scope: scope, budget: budget)
    }

    private func cross(
        _ direction: String,
        _ category: String,
        _ name: String,
        _ arguments: JSONObject,
        scope: String,
        budget: Duration
    ) async throws -> BusReply {
        let claim = try self.claim(category, name)
        guard try direction == "exit" || self.concerns(claim, arguments) else { return BusReply(status: .continue) }
        let metadata: JSONValue = ["scope": .string(direction), "scope_id": .string(scope)]
        return try await self.deliver(
            InboundCall(
                target: "callback/\(category)/\(name)",
                budget: budget,
                epoch: 1,
                metadata: metadata.encoded(),
                body: JSONValue.object(arguments).encoded()
            )
        )
    }
}
