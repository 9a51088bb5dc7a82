import Testing

@testable import BackgroundUpdates

struct DependencyOrderTests {
    private static func plan(_ updates: [PendingUpdate], known: [String]? = nil) -> QueuePlan {
        let names = known ?? updates.map(\.name)
        return QueuePlan(
            QueueView(pending: updates),
            handlers: Dictionary(names.map { ($0, .sql) }) { first, _ in first },
            at: WallTime(milliseconds: 0)
        )
    }

    /// Takes updates out of the queue as they come to their turn.
    private static func turns(_ updates: [PendingUpdate]) -> [String] {
        var left = updates
        var turns: [String] = []
        while let next = Self.plan(left).next(preferring: nil) {
            turns.append(next.update.name)
            left.removeAll { $0.name == next.update.name }
        }
        return turns
    }

    /// The original's own example.
    @Test func orderingThenNameThenWhatIsNotPending() {
        let updates = [
            PendingUpdate(name: "e", dependsOn: "unknown", ordering: 9), PendingUpdate(name: "d", dependsOn: "b"),
            PendingUpdate(name: "b", ordering: 5), PendingUpdate(name: "a", ordering: 5),
            PendingUpdate(name: "c", ordering: 1),
        ]
        #expect(Self.turns(updates) == ["c", "a", "b", "d", "e"])
    }

    @Test func namesCompareByTheirBytes() {
        #expect(Self.turns([.init(name: "a"), .init(name: "B"), .init(name: "_")]) == ["B", "_", "a"])
    }

    @Test func aCircleIsToldFromWhoeverWaitsForIt() {
        let plan = Self.plan([
            .init(name: "a", dependsOn: "b"), .init(name: "b", dependsOn: "c"), .init(name: "c", dependsOn: "a"),
            .init(name: "d", dependsOn: "a"), .init(name: "e", dependsOn: "e"), .init(name: "f"),
        ])
        let standings = Dictionary(plan.entries.map { ($0.update.name, $0.standing) }) { first, _ in first }
        #expect(standings["a"] == .cycle(["a", "b", "c"]))
        #expect(standings["c"] == .cycle(["c", "a", "b"]))
        #expect(standings["d"] == .waiting(for: "a"))
        #expect(standings["e"] == .cycle(["e"]))
        #expect(plan.next(preferring: nil)?.update.name == "f")
    }

    @Test func anUpdateWithoutAHandlerStopsNothingElse() {
        let plan = Self.plan(
            [.init(name: "a"), .init(name: "b", dependsOn: "a"), .init(name: "c")],
            known: ["b", "c"]
        )
        #expect(plan.entries.map(\.standing) == [.noHandler, .waiting(for: "a"), .ready])
        #expect(plan.next(preferring: nil)?.update.name == "c")
    }

    @Test func whatWasBegunGoesOnBeforeOthers() {
        let plan = Self.plan([.init(name: "a"), .init(name: "b")])
        #expect(plan.next(preferring: "b")?.update.name == "b")
        #expect(plan.next(preferring: "gone")?.update.name == "a")
    }

    @Test func restAlwaysHasAReason() {
        #expect(Self.plan([]).reasonForRest == "no update is pending")
        #expect(Self.plan([.init(name: "a")]).reasonForRest == nil)
        let stuck = Self.plan([.init(name: "a", dependsOn: "b"), .init(name: "b", dependsOn: "a")])
        #expect(stuck.reasonForRest == "none of 2 pending updates can run: 2 cycle")
    }

    @Test func pausedSetAsideAndBackingOffAreNotNext() {
        var view = QueueView(pending: ["a", "b", "c", "d"].map { PendingUpdate(name: $0) })
        for (name, standing) in [("a", UpdateState.Standing.paused), ("b", .setAside), ("c", .active)] {
            var state = UpdateState(name: name)
            state.standing = standing
            state.retryAt = WallTime(milliseconds: 5000)
            state.lastError = "no"
            view.states[name] = state
        }
        let handlers: [String: UpdateKind] = ["a": .sql, "b": .sql, "c": .sql, "d": .index]
        let plan = QueuePlan(view, handlers: handlers, at: WallTime(milliseconds: 4000))
        #expect(
            plan.entries.map(\.standing) == [
                .paused, .setAside(error: "no"), .backingOff(until: WallTime(milliseconds: 5000), error: "no"), .ready,
            ]
        )
        #expect(plan.retryAt == WallTime(milliseconds: 5000))
        let later = QueuePlan(view, handlers: handlers, at: WallTime(milliseconds: 5000))
        #expect(later.next(preferring: nil)?.update.name == "c")
    }
}
