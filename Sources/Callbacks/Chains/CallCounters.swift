import WireProtocol

/// What became of the calls to one module for one callback, or for its web resources.
struct CallCounters: Equatable {
    var calls = 0
    var answers = 0
    var continues = 0
    private var failures = FailureCounts()
    var cancelled = 0
    /// Calls that had to wait for room, or for their turn.
    var waited = 0
    /// Calls that were made again at another replica.
    var retries = 0
    /// Failures that an open circuit repeated in place of calls.
    var shortCircuits = 0
    /// Calls that were not for the module, by its filter, and not sent to it.
    var filtered = 0
    /// Failures after which the chain went on as if the module had no opinion.
    var failOpens = FailureCounts()

    mutating func note(_ kind: FailureKind) {
        self.failures.note(kind)
    }

    var json: JSONValue {
        [
            "calls": .integer(Int64(self.calls)), "answers": .integer(Int64(self.answers)),
            "continues": .integer(Int64(self.continues)), "errors": .integer(Int64(self.failures[.error])),
            "timeouts": .integer(Int64(self.failures[.timeout])), "lost": .integer(Int64(self.failures[.lost])),
            "overloaded": .integer(Int64(self.failures[.overloaded])),
            "invalid_results": .integer(Int64(self.failures[.invalidResult])),
            "none_up": .integer(Int64(self.failures[.noneUp])), "cancelled": .integer(Int64(self.cancelled)),
            "waited": .integer(Int64(self.waited)), "retries": .integer(Int64(self.retries)),
            "short_circuits": .integer(Int64(self.shortCircuits)),
            "filtered": .integer(Int64(self.filtered)),
            "fail_opens": .integer(Int64(self.failOpens.count)), "fail_opens_by_kind": self.failOpens.json,
        ]
    }
}

/// How the chains of one callback, or the calls to web resources, ended.
struct OutcomeCounters: Equatable {
    var calls = 0
    var answers = 0
    var continues = 0
    var noneRegistered = 0
    var noneUp = 0
    var failed = 0
    var cancelled = 0
    /// Chains that went on though nobody had registered the callback.
    var failOpens = 0

    var json: JSONValue {
        [
            "fail_opens": .integer(Int64(self.failOpens)),
            "calls": .integer(Int64(self.calls)), "answers": .integer(Int64(self.answers)),
            "continues": .integer(Int64(self.continues)), "none_registered": .integer(Int64(self.noneRegistered)),
            "none_up": .integer(Int64(self.noneUp)), "failed": .integer(Int64(self.failed)),
            "cancelled": .integer(Int64(self.cancelled)),
        ]
    }
}

/// What happened on the bus that belongs to no call.
struct BusCounters: Equatable {
    var malformed = 0
    var unknownKinds = 0
    var barred = 0
    var strangers = 0
    var lateReplies = 0
    var forgedReplies = 0
    var undelivered = 0

    var json: JSONValue {
        [
            "malformed": .integer(Int64(self.malformed)), "unknown_kinds": .integer(Int64(self.unknownKinds)),
            "barred": .integer(Int64(self.barred)), "strangers": .integer(Int64(self.strangers)),
            "late_replies": .integer(Int64(self.lateReplies)), "forged_replies": .integer(Int64(self.forgedReplies)),
            "undelivered": .integer(Int64(self.undelivered)),
        ]
    }
}
