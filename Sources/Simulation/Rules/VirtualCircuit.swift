import Callbacks
import MessageBus

/// Whether a module may be asked a callback that it fails most of, written once more from `docs/callbacks.md`.
struct VirtualCircuit {
    /// How many calls have to fail, and over how long at least; none for never.
    struct Limits {
        var failures: Int
        var pause: Duration
    }

    private static let window = Duration.seconds(10)
    private static let pauseMax = Duration.seconds(30)

    /// What is repeated while it is open.
    private(set) var repeated: FailureKind?
    /// When the newest trial was made, or it opened.
    private(set) var turn = MonotonicTime(nanoseconds: 0)
    private var next = MonotonicTime(nanoseconds: 0)
    private var pause = Duration.zero
    private var began: MonotonicTime?
    private var successes = 0
    /// When the newest process came: what was sent before was sent to others.
    private var renewed = MonotonicTime(nanoseconds: 0)
    private var failures: [(kind: FailureKind, weight: Int)] = []

    /// Why a call is not made now; nil when it may be, which makes it the trial while the circuit is open.
    mutating func refusal(at now: MonotonicTime) -> FailureKind? {
        guard let repeated = self.repeated else { return nil }
        guard now >= self.next else { return repeated }
        self.turn = now
        self.next = now + self.pause
        return nil
    }

    /// Why a call is not made now that might have been made at a time, and has waited since.
    func refusal(since time: MonotonicTime) -> FailureKind? { time < self.turn ? self.repeated : nil }

    /// A new process of the module takes calls: nothing is known of it.
    mutating func renew(at now: MonotonicTime) {
        self = VirtualCircuit()
        self.renewed = now
    }

    mutating func succeeded() {
        self.successes += 1
        guard self.repeated != nil else { return }
        self.repeated = nil
        self.began = nil
    }

    /// The end of a scope was told: it counts among all calls, and closes nothing.
    mutating func left() { self.successes += 1 }

    /// Notes a failure of a call that was sent at a time, with what the failure does.
    mutating func failed(
        _ kind: FailureKind,
        _ action: VirtualCallback.Action,
        sent: MonotonicTime,
        at now: MonotonicTime,
        _ limits: Limits
    ) {
        guard sent >= self.renewed else { return }
        guard self.repeated == nil else {
            guard sent >= self.turn else { return }
            self.pause = min(self.pause * 2, Self.pauseMax)
            self.next = now + self.pause
            return
        }
        if self.began.map({ now.since($0) > Self.window }) ?? true {
            self.began = now
            self.successes = 0
            self.failures = []
        }
        self.failures.append((kind, action.weight))
        guard limits.failures > 0, self.failures.count >= limits.failures, self.failures.count >= self.successes,
            let began = self.began, now.since(began) >= limits.pause
        else { return }
        let worst = self.failures.map(\.weight).max() ?? 0
        self.repeated = self.failures.last { $0.weight == worst }?.kind
        self.pause = limits.pause
        self.turn = now
        self.next = now + self.pause
    }
}

extension VirtualCallback.Action {
    /// How seriously an operator takes it.
    fileprivate var weight: Int {
        switch self {
        case .goOn: 0
        case .stop: 1
        case .fail: 2
        }
    }
}
