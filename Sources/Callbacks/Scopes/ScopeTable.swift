import MessageBus
import WireProtocol

/// The scopes of `scoped` callbacks: each was entered by a module and is to be left by it exactly once.
///
/// A scope is *open* from the module's answer on. It *leaves* when its caller says so, when its caller is gone, when its lease is over, or when its
/// module is about to go: whatever is first takes it out of the open ones, so nothing else can leave it again. It is forgotten when the module has
/// been told, or is gone itself.
struct ScopeTable {
    struct Scope: Equatable {
        enum State: Equatable {
            case open
            /// The module is being told.
            case leaving
            /// The module could not be told yet, and will be at `due`.
            case owed
        }

        /// The callback's place in the catalogue.
        var callback: Int
        var module: Int
        /// The place of the replica that entered, the only one that can leave.
        var peer: Int
        /// The place of whoever asked.
        var caller: Int
        /// What was asked: the named arguments.
        var arguments: Payload
        var state = State.open
        /// When something happens to it by itself; nil while the module is being told.
        var due: MonotonicTime?
        /// What the module is told when it leaves.
        var exit = Payload.empty
    }

    private var scopes: [UInt64: Scope] = [:]
    /// Not later than the first of the dues.
    private(set) var nextDeadline: MonotonicTime?

    var count: Int { self.scopes.count }

    subscript(number: UInt64) -> Scope? { self.scopes[number] }

    func count(ofCaller caller: Int) -> Int {
        self.scopes.values.count { $0.caller == caller && $0.state == .open }
    }

    func count(ofCallback callback: Int) -> Int {
        self.scopes.values.count { $0.callback == callback }
    }

    /// Opens a scope until its `due`.
    mutating func open(_ number: UInt64, _ scope: Scope) {
        self.scopes[number] = scope
        self.wake(at: scope.due)
    }

    /// Adds a scope of which nobody knows whether the module entered it: it has to be left at once.
    mutating func owe(_ number: UInt64, _ scope: Scope) {
        self.scopes[number] = scope
        self.scopes[number]?.state = .leaving
        self.scopes[number]?.due = nil
    }

    /// Begins to leave a scope.
    ///
    /// - Returns: nil when it is not open, or not this caller's.
    mutating func leave(_ number: UInt64, by caller: Int, telling exit: Payload) -> Scope? {
        guard let scope = self.scopes[number], scope.state == .open, scope.caller == caller else { return nil }
        self.begin(number)
        self.scopes[number]?.exit = exit
        return self.scopes[number]
    }

    /// Begins to leave the open scopes that a condition picks, in the order in which they were entered.
    mutating func abandon(where isPicked: (Scope) -> Bool) -> [UInt64] {
        let numbers = self.scopes.filter { $0.value.state == .open && isPicked($0.value) }.keys.sorted()
        for number in numbers { self.begin(number) }
        return numbers
    }

    /// Begins to leave what is due.
    mutating func expire(upTo now: MonotonicTime) -> [(number: UInt64, wasOpen: Bool)] {
        guard let next = self.nextDeadline, next <= now else { return [] }
        let due = self.scopes.filter { $0.value.due.map { $0 <= now } ?? false }
            .map { (number: $0.key, wasOpen: $0.value.state == .open) }
            .sorted { $0.number < $1.number }
        for (number, _) in due { self.begin(number) }
        self.nextDeadline = self.scopes.values.compactMap(\.due).min()
        return due
    }

    /// Notes what the module is told of a scope that leaves.
    mutating func tell(_ number: UInt64, _ exit: Payload) {
        self.scopes[number]?.exit = exit
    }

    /// Notes that the module could not be told, and when to try again.
    mutating func retry(_ number: UInt64, at time: MonotonicTime) {
        guard self.scopes[number] != nil else { return }
        self.scopes[number]?.state = .owed
        self.scopes[number]?.due = time
        self.wake(at: time)
    }

    /// Forgets a scope whose module has been told.
    mutating func remove(_ number: UInt64) {
        self.scopes[number] = nil
    }

    /// Forgets the scopes of a replica that is gone: nobody is left to be told.
    mutating func forget(peer: Int) {
        self.scopes = self.scopes.filter { $0.value.peer != peer }
    }

    private mutating func begin(_ number: UInt64) {
        self.scopes[number]?.state = .leaving
        self.scopes[number]?.due = nil
    }

    private mutating func wake(at time: MonotonicTime?) {
        guard let time else { return }
        self.nextDeadline = min(self.nextDeadline ?? time, time)
    }
}
