internal import Recordings
public import WireProtocol

/// How the recorded calls of a replay ended.
public struct RecordingTally: Sendable {
    /// How one call ended.
    public enum Outcome: Hashable, Sendable {
        case noOpinion
        case result(JSONValue)
        /// None of the module's concern, by its filter.
        case filtered
        /// The module did not register the callback.
        case notRegistered
        case fault(BusFault.Code)
    }

    /// Something that went wrong, or that the test found wrong.
    public struct Complaint: Hashable, Sendable, CustomStringConvertible {
        /// Where the call stands in the recording, from 1.
        public let line: Int
        public let message: String

        public var description: String { "line \(self.line): \(self.message)" }
    }

    /// A reader looks at the first few.
    static let complaintsMax = 20

    private var counts: [String: [Outcome: Int]] = [:]
    /// The first complaints, in the order of the recording.
    public private(set) var complaints: [Complaint] = []
    /// How many there are in all.
    public private(set) var complaintCount = 0
    /// The calls that were made, filtered ones and those of callbacks that the module does not have among them.
    public private(set) var callCount = 0

    public init() {}

    /// Whether every line was a call, and none ended in a fault or was found wrong.
    public var isClean: Bool { self.complaintCount == 0 }

    /// How many calls of a callback, `category/name`, ended like this.
    public func count(_ callback: String, _ outcome: Outcome) -> Int {
        self.counts[callback]?[outcome] ?? 0
    }

    /// How many calls of all callbacks ended like this.
    public func count(_ outcome: Outcome) -> Int {
        self.counts.values.reduce(0) { $0 + ($1[outcome] ?? 0) }
    }

    mutating func record(_ outcome: Outcome, of call: RecordedCall) {
        self.callCount += 1
        self.counts[call.name, default: [:]][outcome, default: 0] += 1
    }

    mutating func complain(_ line: Int, _ message: String) {
        self.complaintCount += 1
        guard self.complaints.count < Self.complaintsMax else { return }
        self.complaints.append(Complaint(line: line, message: message))
    }
}
