import MessageBus

/// The circuit breakers of all modules and callbacks: most have never failed, and take four bytes and one look.
struct CircuitBreakers {
    private let limits: CircuitBreaker.Limits
    /// For each counter of calls the place of its breaker; -1 for none.
    private var places: [Int32]
    private var breakers: [CircuitBreaker] = []

    init(count: Int, _ limits: CircuitBreaker.Limits) {
        self.limits = limits
        self.places = Array(repeating: -1, count: count)
    }

    /// Whether there has been a failure.
    @inline(__always)
    func isKnown(_ counter: Int) -> Bool { self.places[counter] >= 0 }

    subscript(counter: Int) -> CircuitBreaker? {
        self.isKnown(counter) ? self.breakers[Int(self.places[counter])] : nil
    }

    /// What a call is refused with, by a breaker that is known; nil when it may be made.
    mutating func refusal(_ counter: Int, at now: MonotonicTime) -> FailureKind? {
        let place = Int(self.places[counter])
        return self.breakers[place].admits(at: now) ? nil : self.breakers[place].openedBy
    }

    /// What a call that has waited is refused with when its turn comes; nil when it may be made.
    func refusal(_ counter: Int, since time: MonotonicTime) -> FailureKind? {
        guard let breaker = self[counter], breaker.bars(since: time) else { return nil }
        return breaker.openedBy
    }

    /// - Returns: Whether the circuit has opened.
    mutating func failed(
        _ counter: Int,
        _ kind: FailureKind,
        weight: Int,
        successes: Int,
        since started: MonotonicTime,
        at now: MonotonicTime
    ) -> Bool {
        guard self.limits.failures > 0 else { return false }
        if !self.isKnown(counter) {
            self.places[counter] = Int32(self.breakers.count)
            self.breakers.append(CircuitBreaker())
        }
        let place = Int(self.places[counter])
        return self.breakers[place]
            .failed(kind, weight: weight, successes: successes, since: started, at: now, self.limits)
    }

    /// - Returns: Whether the circuit, which is known, has closed.
    mutating func succeeded(_ counter: Int) -> Bool {
        self.breakers[Int(self.places[counter])].succeeded()
    }

    /// Forgets the failures of those that are known.
    ///
    /// - Returns: Whether the circuit has closed by this.
    mutating func reset(_ counter: Int) -> Bool {
        guard self.isKnown(counter) else { return false }
        return self.breakers[Int(self.places[counter])].reset()
    }
}
