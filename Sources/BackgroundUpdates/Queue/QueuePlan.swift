/// What one look at a queue means: which update is next, and what keeps each of the others.
///
/// It is a pure function of what is queued, what is declared and the time, so that the worker, the status and the tests see the same.
struct QueuePlan: Sendable {
    struct Entry: Sendable {
        var update: PendingUpdate
        var state: UpdateState?
        var kind: UpdateKind?
        var standing: UpdateStanding
    }

    let entries: [Entry]
    private let now: WallTime

    init(_ view: QueueView, handlers: [String: UpdateKind], at now: WallTime) {
        let order = DependencyOrder(view.pending)
        self.now = now
        self.entries = order.updates.map { update in
            let state = view.states[update.name]
            let kind = handlers[update.name]
            return Entry(
                update: update,
                state: state,
                kind: kind,
                standing: Self.standing(of: update.name, order, state, isKnown: kind != nil, at: now)
            )
        }
    }

    /// The reason that a person can do something about comes first.
    private static func standing(
        of name: String,
        _ order: DependencyOrder,
        _ state: UpdateState?,
        isKnown: Bool,
        at now: WallTime
    ) -> UpdateStanding {
        let dependency = order.standing(of: name)
        if case .cycle(let names) = dependency { return .cycle(names) }
        if !isKnown { return .noHandler }
        switch state?.standing {
        case .paused: return .paused
        case .setAside: return .setAside(error: state?.lastError ?? "")
        case .active, .finished, nil: break
        }
        if case .waiting(let other) = dependency { return .waiting(for: other) }
        if let state, state.retryAt > now { return .backingOff(until: state.retryAt, error: state.lastError ?? "") }
        return .ready
    }

    /// The update to work on: the one that was begun, as long as it can go on; else the first that is ready.
    func next(preferring current: String?) -> Entry? {
        self.entries.first { $0.update.name == current && $0.standing == .ready }
            ?? self.entries.first { $0.standing == .ready }
    }

    /// When the first of those that back off may be tried again.
    var retryAt: WallTime? {
        self.entries.compactMap { entry -> WallTime? in
            guard case .backingOff(let until, _) = entry.standing else { return nil }
            return until
        }.min()
    }

    /// Why nothing is worked on; nil when something is ready.
    var reasonForRest: String? {
        if self.entries.isEmpty { return "no update is pending" }
        if self.next(preferring: nil) != nil { return nil }
        var counts: [(name: String, count: Int)] = []
        for entry in self.entries {
            if let place = counts.firstIndex(where: { $0.name == entry.standing.name }) {
                counts[place].count += 1
            } else {
                counts.append((entry.standing.name, 1))
            }
        }
        let parts = counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        return "none of \(self.entries.count) pending updates can run: \(parts)"
    }
}
