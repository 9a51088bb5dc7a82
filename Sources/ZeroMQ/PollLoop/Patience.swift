/// How often a loop gives way to other threads before it sleeps.
///
/// Whoever works on what was just sent may be about to answer, and an answer that comes while the loop gives way costs neither a sleep
/// nor a wake-up, each of which takes longer than most calls. When waiting has paid, the loop is as patient as it may be; each time it
/// has not, half as patient, so that a loop with little to do sleeps after one attempt.
struct Patience {
    /// With nothing else to run, each attempt takes half a microsecond or so: together not much longer than a processor that has fallen
    /// idle in a virtual machine takes to wake.
    static let most = 256

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

    /// Waiting was in vain: the loop sleeps.
    mutating func slept() {
        if self.hasWaited { self.limit = max(1, self.limit / 2) }
        self.hasWaited = false
        self.left = 0
    }
}
