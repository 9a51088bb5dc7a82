import Callbacks
import MessageBus
import WireProtocol

/// A call that the dispatcher owes a reply.
struct LedgerCall {
    enum Subject: Equatable {
        /// By its place in the catalogue.
        case callback(Int)
        /// Leaving a scope, which may be open or not.
        case exit
        /// A method of a module.
        case method(Int)
        /// More than the bounds allow.
        case excess
    }

    let token: Int
    var subject: Subject
    var peer: PeerID
    var callID: UInt64
    var admitted: MonotonicTime
    var budgetMilliseconds: UInt32
    var epoch: UInt64
    /// The modules to ask, in order.
    var members: [Int] = []
    /// What became of asking each, in order; nil while it is asked, and before.
    var hearings: [Reference.Hearing?] = []
    var wasAsked: [Bool] = []
    /// Whether each member's answer depends on the arguments only.
    var isPure: [Bool] = []
    /// The reply of a module that was asked directly.
    var direct: Envelope?
    /// Whether it changed who is up in the same moment as somebody was passed over.
    var isAmbiguous = false

    /// When its reply is to have left: a little before the budget ends.
    var deadline: MonotonicTime {
        let budget = UInt64(self.budgetMilliseconds) * 1_000_000
        return self.admitted.adding(span: budget - min(budget / 20, 25_000_000))
    }
    /// When it is late: time is told in whole milliseconds.
    var latest: MonotonicTime { self.admitted.adding(span: UInt64(self.budgetMilliseconds + 1) * 1_000_000) }
}

/// A call to a module that is under way.
struct LedgerStep {
    /// The call it is made for; nil for the exit of a scope that nobody waits for.
    var token: Int?
    var callback: Int
    var module: Int
    var peer: PeerID
    /// Among the members of the call.
    var position = 0
    var sent: MonotonicTime
    var budgetMilliseconds: UInt32
    var isExit = false
    var scope: String?

    var latest: MonotonicTime { self.sent.adding(span: UInt64(self.budgetMilliseconds + 2) * 1_000_000) }
}

/// A scope that a module was asked to enter.
struct LedgerScope: Equatable {
    enum State: Equatable {
        /// The module has not answered.
        case asked
        case open
        /// It has to be left at once, and why.
        case due(String)
        /// The module is being told.
        case leaving
        /// The module could not be told, and will be.
        case owed
        case left
    }

    var peer: PeerID
    var caller: PeerID
    var callback: Int
    var state = State.asked
    /// When it is late to do something about it.
    var latest = MonotonicTime(nanoseconds: .max)
}

/// What the metadata of a scoped call say.
struct ScopeWords: Equatable {
    var isExit: Bool
    var id: String?

    init?(_ metadata: Payload?) {
        guard let metadata, let members = try? JSONValue(parsing: metadata), let scope = members["scope"]?.string else {
            return nil
        }
        self.isExit = scope == "exit"
        self.id = members["scope_id"]?.string
    }
}

/// The number that a call carries through the dispatcher, in front of its arguments.
enum CallToken {
    static func body(_ token: Int, _ more: String = "") -> Payload { Payload("{\"call\":\(token)\(more)}") }

    static func read(_ body: Payload) -> Int? {
        let prefix = "{\"call\":".utf8
        return body.withUnsafeBytes { bytes in
            guard bytes.starts(with: prefix) else { return nil }
            var number: Int?
            for byte in bytes.dropFirst(prefix.count) {
                guard (0x30...0x39).contains(byte) else { break }
                number = (number ?? 0) * 10 + Int(byte - 0x30)
            }
            return number
        }
    }
}
