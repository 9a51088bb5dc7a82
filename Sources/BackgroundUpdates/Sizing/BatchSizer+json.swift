public import WireProtocol

extension BatchSizer {
    /// The form that is kept with the progress of the update.
    public var json: JSONValue {
        [
            "version": 1,
            "size": self.size.map { .integer(Int64($0)) } ?? .null,
            "log_cost": self.logCost.map(JSONValue.number) ?? .null,
            "variance": .number(self.variance),
            "fixed_ms": .number(self.fixedCost),
            "strikes": .array(self.strikes.map(JSONValue.bool)),
            "lock_strikes": .integer(Int64(self.lockStrikes)),
            "hold": .integer(Int64(self.hold)),
            "starting": .bool(self.isStarting),
        ]
    }

    /// Takes up a kept estimate.
    ///
    /// An estimate is worth a few batches and never correctness: what cannot be read, or is of another version, begins anew.
    public init(restoring json: JSONValue) {
        self.init()
        guard json["version"]?.integer == 1 else { return }
        self.size = json["size"]?.integer.flatMap { Int(exactly: $0) }.map { min(max(1, $0), Self.sizeMax) }
        self.logCost = json["log_cost"]?.number.flatMap { $0.isFinite ? $0 : nil }
        self.variance = Self.restored(json["variance"], in: Self.varianceRange) ?? Self.varianceAtFirst
        self.fixedCost = Self.restored(json["fixed_ms"], in: 0...3_600_000) ?? 0
        self.strikes = Array((json["strikes"]?.array ?? []).compactMap(\.bool).suffix(Self.strikesKept))
        self.lockStrikes = json["lock_strikes"]?.integer == 1 ? 1 : 0
        self.hold = Int(min(max(0, json["hold"]?.integer ?? 0), Int64(Self.holdAfterOverload)))
        self.isStarting = json["starting"]?.bool ?? true
    }

    private static func restored(_ json: JSONValue?, in range: ClosedRange<Double>) -> Double? {
        guard let number = json?.number, number.isFinite else { return nil }
        return min(max(number, range.lowerBound), range.upperBound)
    }
}
