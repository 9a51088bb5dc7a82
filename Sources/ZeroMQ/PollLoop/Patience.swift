/// How often a loop gives way to other threads before it sleeps.
///
/// Whoever works on what was just sent may be about to answer, and an answer that comes while the loop gives way costs neither a sleep
/// nor a wake-up, each of which takes longer than most calls. When waiting has paid, or would have, the loop is as patient as it may be;
/// each time it has not, half as patient, so that a loop with little to do sleeps after one attempt. Source: the halt polling of the Linux
/// kernel (`virt/kvm/halt_poll.rst`), which grows and shrinks by how long it slept.
struct Patience {
    /// With nothing else to run, each attempt takes half a microsecond or so: together not much longer than a processor that has fallen
    /// idle in a virtual machine takes to wake.
    static let most = 256
    /// Whoever slept no longer than this, with the time that waking takes, would have been patient enough awake.
    static let shortSleep = Duration.microseconds(200)

    private var limit = 1
    private var left = 0
    private var hasWaited = false

    /// There was work.
    mutating func worked() {
        if self.hasWaited { self.limit = Self.most }
        self.hasWaited = false
        self.left = self.limit
    }

    /// There was no work: whether to give way once more.
    mutating func givesWay() -> Bool {
        guard self.left > 0 else { return false }
        self.left -= 1
        self.hasWaited = true
        return true
    }

    /// The loop has slept, after waiting in vain or without waiting at all.
    mutating func slept(for time: Duration) {
        if time <= Self.shortSleep {
            self.limit = Self.most
        } else if self.hasWaited {
            self.limit = max(1, self.limit / 2)
        }
        self.hasWaited = false
        self.left = 0
    }
}
