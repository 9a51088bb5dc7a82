public import Recordings
public import WireProtocol

/// Counts how the calls of a replay ended.
public struct ReplayTally: Sendable {
    /// Something that went wrong, with the line it began in.
    public struct Complaint: Sendable, Hashable, CustomStringConvertible {
        public let line: Int
        public let message: String

        public var description: String { "line \(self.line): \(self.message)" }
    }

    /// A reader looks at the first few; a million equal ones would be kept for nobody.
    static let complaintsMax = 20

    private(set) var counts: [String: [ReplayOutcome.Kind: Int]] = [:]
    /// The first complaints, in the order in which they came up.
    public private(set) var complaints: [Complaint] = []
    /// Calls that ended, however they did.
    public private(set) var calls = 0
    /// Calls without a verdict.
    public private(set) var errors = 0
    /// Lines that are no calls.
    public private(set) var badLines = 0

    public init() {}

    /// Whether every line was a call and every call got its verdict.
    public var isClean: Bool { self.errors == 0 && self.badLines == 0 }

    /// Counts a call that ended.
    public mutating func record(_ outcome: ReplayOutcome, of call: RecordedCall) {
        self.calls += 1
        self.counts[call.name, default: [:]][outcome.kind, default: 0] += 1
        guard case .failed(let code, let message) = outcome else { return }
        self.errors += 1
        self.complain(call.line, "\(call.name): \(code): \(message)")
    }

    /// Counts a line that is no call.
    public mutating func record(badLine line: Int, _ error: JSONError) {
        self.badLines += 1
        self.complain(line, "is no call: \(error)")
    }

    private mutating func complain(_ line: Int, _ message: String) {
        guard self.complaints.count < Self.complaintsMax else { return }
        self.complaints.append(.init(line: line, message: message))
    }
}

extension ReplayOutcome {
    /// What a tally tells apart: decisions first, then errors, each by name.
    struct Kind: Hashable, Comparable {
        let isFailure: Bool
        let name: String

        static func < (left: Self, right: Self) -> Bool {
            (left.isFailure ? 1 : 0, left.name) < (right.isFailure ? 1 : 0, right.name)
        }
    }

    var kind: Kind { .init(isFailure: self.isFailure, name: self.name) }
}
