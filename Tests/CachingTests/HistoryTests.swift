import CacheHistory
import Testing

/// The check of recorded histories finds what it is for, and nothing else.
struct HistoryTests {
    private let start = ContinuousClock.now
    private let staleness = Duration.seconds(2)
    private var history = History<String>()

    private mutating func wrote(_ version: Int, to key: String = "a", at seconds: Double) {
        self.history.wrote(version, to: key, acknowledged: self.start + .seconds(seconds))
    }

    private mutating func read(_ version: Int, of key: String = "a", at seconds: Double) {
        self.history.read(version, of: key, began: self.start + .seconds(seconds))
    }

    private var violations: [String] { self.history.violations(staleness: self.staleness) }

    @Test mutating func anOldVersionLongAfterANewOneIsAViolation() {
        self.wrote(1, at: 0)
        self.read(0, at: 2.1)
        #expect(self.violations.count == 1)
        #expect(self.violations.first?.contains("a: read 0, and 1 was acknowledged") == true)
    }

    @Test mutating func anOldVersionWithinThePromisedTimeIsNone() {
        self.wrote(1, at: 0)
        self.read(0, at: 1.9)
        self.read(1, at: 2.1)
        #expect(self.violations == [])
    }

    @Test mutating func aVersionThatIsNewerThanPromisedIsNone() {
        self.wrote(1, at: 0)
        self.wrote(2, at: 3)
        self.read(2, at: 2.5)
        self.read(1, at: 4)
        #expect(self.violations == [])
    }

    @Test mutating func everyReadThatIsTooOldIsFound() {
        for second in 0..<10 { self.wrote(second + 1, at: Double(second)) }
        // What was served is three seconds old, now and again.
        for second in 4..<10 { self.read(second - (second % 2 == 0 ? 3 : 1), at: Double(second) + 0.5) }
        #expect(self.violations.count == 3)
    }

    @Test mutating func aWriterThatIsLateTakesNothingBack() {
        self.wrote(2, at: 0)
        self.wrote(1, at: 1)
        self.read(1, at: 4)
        #expect(self.violations.count == 1)
    }

    @Test mutating func acknowledgementsMayBeRecordedInAnyOrder() {
        self.wrote(2, at: 1)
        self.wrote(1, at: 0)
        self.read(1, at: 2.5)
        #expect(self.violations == [])
        self.read(1, at: 3.5)
        #expect(self.violations.count == 1)
    }

    @Test mutating func whatIsWrittenToOneKeyPromisesNothingOfAnother() {
        self.wrote(1, to: "a", at: 0)
        self.read(0, of: "b", at: 10)
        #expect(self.violations == [])
    }
}
