/// Whether a pending update can be worked on, and if not, why not.
enum UpdateStanding: Hashable, Sendable {
    case ready
    /// No worker of this configuration knows what it means.
    case noHandler
    case waiting(for: String)
    case cycle([String])
    case paused
    case backingOff(until: WallTime, error: String)
    case setAside(error: String)

    /// One word for programs.
    var name: String {
        switch self {
        case .ready: "ready"
        case .noHandler: "no_handler"
        case .waiting: "waiting"
        case .cycle: "cycle"
        case .paused: "paused"
        case .backingOff: "backing_off"
        case .setAside: "set_aside"
        }
    }

    /// For the person who asks why it does not move.
    func reason(at now: WallTime) -> String {
        switch self {
        case .ready:
            "its turn comes"
        case .noHandler:
            "no update of this name is declared for this database, so nobody knows what to do"
        case .waiting(let other):
            "it depends on `\(other)`, which is pending"
        case .cycle(let names):
            "it waits for itself: \((names + names.prefix(1)).joined(separator: " → "))"
        case .paused:
            "an operator paused it"
        case .backingOff(let until, let error):
            "it is tried again in \(now.until(until).wholeMilliseconds / 1000) s: \(error)"
        case .setAside(let error):
            "it was set aside and is not tried again before somebody retries it: \(error)"
        }
    }
}
