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
        /// An operator takes a module out, or back in.
        case turning(Int, on: Bool)
        /// Its arguments do not say whom to ask.
        case unusable
        /// More than the bounds allow.
        case excess
    }

    let token: Int
    /// How many calls came before it.
    var number = 0
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
    /// For each member which calls concern it.
    var filters: [VirtualFilter?] = []
    /// For each member since when it waits, where it does.
    var waits: [LedgerWait?] = []
    /// For each member how often it was asked again.
    var retries: [Int] = []
    /// The arguments, as those see them who are asked next.
    var arguments: VirtualArguments
    /// Whether a module is missing without which it is not decided.
    var isGated = false
    /// Whether somebody would be asked whom an operator has taken out.
    var isBypassed = false
    /// The modules that are asked beside it, and have been.
    var shadows: Set<Int> = []
    /// Since when the call of a method waits.
    var directWait: LedgerWait?
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

/// A call to a module that has not been made yet.
struct LedgerWait: Equatable {
    /// Since when nothing but room, or its turn, has been missing.
    var since: MonotonicTime
    var deadline: MonotonicTime
    /// Whether it stands in the module's line; else those before it in its lane have not been told.
    var isInLine: Bool
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
    /// Whether nobody waits for what it says.
    var isShadow = false
    /// The value that orders, of news that are told in order.
    var lane: JSONValue?
    var scope: String?

    /// When its time is over, to the millisecond in which it was told.
    var deadline: MonotonicTime { self.sent.adding(span: UInt64(self.budgetMilliseconds) * 1_000_000) }
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
