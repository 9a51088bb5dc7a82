/// Everything that was measured, by what and by how much at a time.
struct Measurements {
    /// One measurement.
    struct Sample: Codable {
        var perSecond: Double
        var medianMicroseconds: Double
        var lateMicroseconds: Double
    }

    struct Key: Hashable, Comparable {
        let subject: Subject
        /// Calls in flight, or connections.
        let load: Int

        static func < (left: Self, right: Self) -> Bool {
            (left.load, left.subject.place) < (right.load, right.subject.place)
        }
    }

    /// One sample a round.
    private(set) var samples: [Key: [Sample]] = [:]

    mutating func add(_ sample: Sample, of subject: Subject, load: Int) {
        self.samples[Key(subject: subject, load: load), default: []].append(sample)
    }

    /// The spread of a value over the rounds.
    func spread(of subject: Subject, load: Int, _ value: (Sample) -> Double) -> Spread? {
        self.samples[Key(subject: subject, load: load)].flatMap { Spread($0.map(value)) }
    }

    /// How much of what one subject does another one does, round by round.
    func ratio(of subject: Subject, to base: Subject, load: Int) -> Spread? {
        guard let above = self.samples[Key(subject: subject, load: load)],
            let below = self.samples[Key(subject: base, load: load)]
        else { return nil }
        return Spread(zip(above, below).map { $0.perSecond / $1.perSecond })
    }
}

/// The median of some values, and how far they lie apart.
struct Spread {
    let median: Double
    let low: Double
    let high: Double

    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let low = sorted.first, let high = sorted.last else { return nil }
        let middle = sorted.count / 2
        self.median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        self.low = low
        self.high = high
    }
}
