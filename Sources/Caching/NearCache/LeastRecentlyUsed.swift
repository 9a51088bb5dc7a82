/// Values by text, of which those that were not used for longest are dropped at a bound.
struct LeastRecentlyUsed<Value: Sendable>: Sendable {
    private struct Slot: Sendable {
        var key: String
        var value: Value?
        var weight: Int
    }

    private var indices: [String: Int] = [:]
    private var slots: [Slot] = []
    private var free: [Int] = []
    private var order = UseOrder()
    /// The sum of the weights.
    private(set) var weight = 0
    let weightMax: Int

    init(weightMax: Int) {
        self.weightMax = weightMax
    }

    var count: Int { self.indices.count }

    /// A value, which counts as used.
    mutating func use(_ key: String) -> Value? {
        guard let index = self.indices[key] else { return nil }
        self.order.use(index)
        return self.slots[index].value
    }

    /// A value, without counting as a use.
    func peek(_ key: String) -> Value? {
        self.indices[key].flatMap { self.slots[$0].value }
    }

    /// Sets a value and drops what it has no room for.
    ///
    /// - Returns: The others that were dropped; `nil` when the value alone is over the bound and was not kept.
    @discardableResult
    mutating func set(_ key: String, _ value: Value, weight: Int = 1) -> [Value]? {
        self.remove(key)
        guard weight <= self.weightMax else { return nil }
        let index = self.takeSlot(Slot(key: key, value: value, weight: weight))
        self.indices[key] = index
        self.order.add(index)
        self.weight += weight
        var dropped: [Value] = []
        while self.weight > self.weightMax, let oldest = self.order.oldest {
            guard let value = self.remove(self.slots[oldest].key) else { break }
            dropped.append(value)
        }
        return dropped
    }

    /// Removes a value.
    ///
    /// - Returns: What was removed; `nil` when there was nothing.
    @discardableResult
    mutating func remove(_ key: String) -> Value? {
        guard let index = self.indices.removeValue(forKey: key) else { return nil }
        let value = self.slots[index].value
        self.order.remove(index)
        self.weight -= self.slots[index].weight
        self.slots[index].value = nil
        self.slots[index].key = ""
        self.free.append(index)
        return value
    }

    private mutating func takeSlot(_ slot: Slot) -> Int {
        guard let index = self.free.popLast() else {
            self.slots.append(slot)
            return self.slots.count - 1
        }
        self.slots[index] = slot
        return index
    }
}
