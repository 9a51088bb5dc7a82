/// The calls that have been sent and not been answered, each with its deadline.
///
/// Calls live in a slab. The id that goes over the wire is the place in the slab and a generation that changes whenever the place is
/// used again: a late reply finds nothing, and looking a call up costs no hashing.
///
/// Its methods are inlinable because those who keep calls live in other modules, and generic code that is not specialised there costs
/// more than the bookkeeping itself.
public struct CallTracker<Context> {
    @usableFromInline
    struct Slot {
        @usableFromInline var context: Context?
        @usableFromInline var generation: UInt32 = 1
        @usableFromInline var nextFree: Int?

        @inlinable
        init() {}
    }

    @usableFromInline var slots: [Slot] = []
    @usableFromInline var firstFree: Int?
    @usableFromInline var wheel = DeadlineWheel()
    /// How many calls are unanswered.
    @inlinable public var count: Int { self.unanswered }
    @usableFromInline var unanswered = 0
    /// The most calls that may be unanswered.
    public let countMax: Int

    /// - Parameter countMax: The most calls that may be unanswered at a time.
    public init(countMax: Int = 1 << 20) {
        precondition((1...Int(UInt32.max) - 1).contains(countMax), "countMax is out of range")
        self.countMax = countMax
    }

    /// Adds a call.
    ///
    /// - Returns: The id for the wire, or `nil` when there are ``countMax`` calls already.
    @inlinable
    public mutating func insert(_ context: Context, deadline: MonotonicTime, now: MonotonicTime) -> UInt64? {
        guard self.count < self.countMax else { return nil }
        let index = self.takeFreeSlot()
        self.slots[index].context = context
        self.wheel.insert(index, at: deadline, now: now)
        self.unanswered += 1
        return UInt64(self.slots[index].generation) << 32 | UInt64(index)
    }

    /// The call with an id, if it is still unanswered.
    @inlinable public subscript(id: UInt64) -> Context? {
        get {
            guard let index = self.index(of: id) else { return nil }
            return self.slots[index].context
        }
        set {
            guard let index = self.index(of: id), let newValue else { return }
            self.slots[index].context = newValue
        }
    }

    /// Changes what is kept for a call, in its place.
    ///
    /// - Returns: Whether the call is still unanswered.
    @inlinable
    public mutating func update(_ id: UInt64, _ change: (inout Context) -> Void) -> Bool {
        guard let index = self.index(of: id), var context = self.slots[index].context.take() else { return false }
        change(&context)
        self.slots[index].context = context
        return true
    }

    /// Ends a call.
    ///
    /// - Returns: What was kept for it; `nil` if the id is unknown, which is what a late or a forged reply looks like.
    @inlinable
    public mutating func remove(_ id: UInt64) -> Context? {
        guard let index = self.index(of: id) else { return nil }
        self.wheel.remove(index)
        return self.release(index)
    }

    /// Ends a call, if what is kept for it meets a condition.
    ///
    /// - Returns: What was kept for it; `nil` if the id is unknown, and for a call that stays because the condition is not met.
    @inlinable
    public mutating func remove(_ id: UInt64, where isWanted: (Context) -> Bool) -> Context? {
        guard let index = self.index(of: id), let context = self.slots[index].context, isWanted(context) else {
            return nil
        }
        self.wheel.remove(index)
        self.vacate(index)
        return context
    }

    /// Ends the calls whose deadline has passed and reports them.
    @inlinable
    public mutating func expire(upTo now: MonotonicTime) -> [(id: UInt64, context: Context)] {
        var due: [Int] = []
        self.wheel.expire(upTo: now) { due.append($0) }
        guard !due.isEmpty else { return [] }
        return due.compactMap { index in
            let id = UInt64(self.slots[index].generation) << 32 | UInt64(index)
            return self.release(index).map { (id, $0) }
        }
    }

    /// Ends the calls that a condition picks and reports them: those of a connection that is gone.
    ///
    /// Looks at every slot, so it is for what is rare next to calls: a connection that went, or a look now and then.
    @inlinable
    public mutating func removeAll(where isPicked: (Context) -> Bool) -> [(id: UInt64, context: Context)] {
        var picked: [(id: UInt64, context: Context)] = []
        for index in self.slots.indices {
            guard let context = self.slots[index].context, isPicked(context) else { continue }
            let id = UInt64(self.slots[index].generation) << 32 | UInt64(index)
            self.wheel.remove(index)
            if let context = self.release(index) { picked.append((id, context)) }
        }
        return picked
    }

    /// When ``expire(upTo:)`` may have something to report; `nil` when there are no calls.
    @inlinable public var nextDeadline: MonotonicTime? {
        self.wheel.nextDeadline
    }

    @inlinable
    func index(of id: UInt64) -> Int? {
        let index = Int(id & 0xFFFF_FFFF)
        guard index < self.slots.count, self.slots[index].generation == UInt32(id >> 32),
            self.slots[index].context != nil
        else { return nil }
        return index
    }

    @inlinable
    mutating func takeFreeSlot() -> Int {
        guard let index = self.firstFree else {
            self.slots.append(Slot())
            return self.slots.count - 1
        }
        self.firstFree = self.slots[index].nextFree
        self.slots[index].nextFree = nil
        return index
    }

    @inlinable
    mutating func release(_ index: Int) -> Context? {
        guard let context = self.slots[index].context else { return nil }
        self.vacate(index)
        return context
    }

    @inlinable
    mutating func vacate(_ index: Int) {
        self.slots[index].context = nil
        self.slots[index].generation = self.slots[index].generation &+ 1 == 0 ? 1 : self.slots[index].generation &+ 1
        self.slots[index].nextFree = self.firstFree
        self.firstFree = index
        self.unanswered -= 1
    }
}

extension CallTracker.Slot: Sendable where Context: Sendable {}
extension CallTracker: Sendable where Context: Sendable {}
