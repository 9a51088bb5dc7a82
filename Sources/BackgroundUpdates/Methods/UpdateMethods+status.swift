internal import WireProtocol

/// What one look at one database gave.
struct DatabaseLook: Sendable {
    var runner: DatabaseRunner
    /// Nil when it could not be looked at.
    var view: QueueView?
    var error: String?
    var now: WallTime

    var plan: QueuePlan {
        QueuePlan(self.view ?? QueueView(), handlers: self.runner.kinds, at: self.now)
    }

    /// The update that some worker works on.
    var current: QueuePlan.Entry? {
        guard let control = self.view?.control, control.isHeld(at: self.now) else { return nil }
        return self.plan.entries.first { $0.update.name == control.current }
    }
}

extension UpdateMethods {
    func looks() async -> [DatabaseLook] {
        var looks: [DatabaseLook] = []
        for runner in self.runners {
            var look = DatabaseLook(runner: runner, now: self.clock.wallTime())
            do {
                look.view = try await runner.store.view()
            } catch {
                look.error = BackgroundUpdatesError(describing: error).message
            }
            looks.append(look)
        }
        return looks
    }

    /// The original's members first, then ours.
    func status() async -> JSONValue {
        let looks = await self.looks()
        var current = JSONObject()
        var databases = JSONObject()
        for look in looks {
            current[look.runner.store.name] = look.current?.currentJSON
            databases[look.runner.store.name] = look.json
        }
        return [
            "enabled": .bool(looks.allSatisfy { $0.view?.control.isEnabled ?? true }),
            "current_updates": .object(current),
            "databases": .object(databases),
            "worker": .string(self.owner),
        ]
    }

    func list() async -> JSONValue {
        var updates: [JSONValue] = []
        for look in await self.looks() {
            let name = look.runner.store.name
            let plan = look.plan
            updates += plan.entries.map { $0.json(database: name, at: look.now) }
            let pending = Set(plan.entries.map(\.update.name))
            for (update, kind) in look.runner.kinds.sorted(by: { $0.key < $1.key }) where !pending.contains(update) {
                updates.append([
                    "update_name": .string(update), "database": .string(name), "standing": "not_pending",
                    "handler": .string(kind.rawValue),
                ])
            }
        }
        return ["updates": .array(updates)]
    }

    var metrics: JSONValue {
        let values = self.counters.current
        let counts: KeyValuePairs<String, Int> = [
            "batches": values.batches, "rows": values.rows, "finished": values.finished, "failures": values.failures,
            "set_aside": values.setAside, "stale": values.stale, "fenced": values.fenced,
            "lock_timeouts": values.lockTimeouts, "cuts": values.cuts, "skipped_rows": values.skippedRows,
            "controller_failures": values.controllerFailures, "controller_bad_values": values.controllerBadValues,
            "leases_taken": values.leasesTaken,
        ]
        var object = JSONObject()
        for (name, count) in counts { object[name] = .integer(Int64(count)) }
        return .object(object)
    }
}

extension DatabaseLook {
    /// More updates than a person reads in one answer are only counted.
    private static let listedMax = 1000

    var json: JSONValue {
        guard let view else {
            return ["reason": .string(self.error ?? "it could not be looked at"), "pending": []]
        }
        let plan = self.plan
        return [
            "enabled": .bool(view.control.isEnabled),
            "owner": self.current == nil ? .null : .string(view.control.owner),
            "reason": self.reason(plan, view).map(JSONValue.string) ?? .null,
            "pending_count": .integer(Int64(plan.entries.count)),
            "pending": .array(
                plan.entries.prefix(Self.listedMax).map { $0.json(database: self.runner.store.name, at: self.now) }
            ),
        ]
    }

    /// Why nothing moves; nil when something does.
    private func reason(_ plan: QueuePlan, _ view: QueueView) -> String? {
        if !view.control.isEnabled { return "updates are disabled" }
        if let reason = plan.reasonForRest { return reason }
        if self.current != nil { return nil }
        return self.runner.snapshot.restReason
    }
}

extension QueuePlan.Entry {
    /// As the original shows it.
    fileprivate var currentJSON: JSONValue {
        [
            "name": .string(self.update.name),
            "total_item_count": .integer(Int64(self.state?.items ?? 0)),
            "total_duration_ms": .number(self.state?.milliseconds ?? 0),
            "average_items_per_ms": self.state?.averageItemsPerMillisecond.map(JSONValue.number) ?? .null,
        ]
    }

    fileprivate func json(database: String, at now: WallTime) -> JSONValue {
        var object: JSONObject = [
            "update_name": .string(self.update.name),
            "database": .string(database),
            "ordering": .integer(self.update.ordering),
            "depends_on": self.update.dependsOn.map(JSONValue.string) ?? .null,
            "handler": self.kind.map { .string($0.rawValue) } ?? .null,
            "standing": .string(self.standing.name),
            "reason": .string(self.standing.reason(at: now)),
        ]
        guard let state else { return .object(object) }
        object["items"] = .integer(Int64(state.items))
        object["total_items"] = state.totalItems.map { .integer(Int64($0)) } ?? .null
        object["batches"] = .integer(Int64(state.batches))
        object["duration_ms"] = .number(state.milliseconds)
        object["average_items_per_ms"] = state.averageItemsPerMillisecond.map(JSONValue.number) ?? .null
        object["skipped"] = .integer(Int64(state.skipped))
        object["failures"] = .integer(Int64(state.failures))
        object["last_error"] = state.lastError.map(JSONValue.string) ?? .null
        return .object(object)
    }
}
