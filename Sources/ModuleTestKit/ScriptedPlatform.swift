public import MessageBus
internal import Synchronization
public import WireProtocol

/// The rest of the platform as a module under test sees it: it answers what the test says, and remembers what it was asked.
public final class ScriptedPlatform: BusCaller, ReadinessSink {
    private struct State {
        var answers: [String: JSONValue] = [:]
        var readiness = Readiness()
        var asked: [(target: String, body: Payload)] = []
    }

    private let state = Mutex(State())

    public init() {}

    /// Answers a callback from now on.
    public func answer(_ category: String, _ name: String, with result: JSONValue) {
        self.state.withLock { $0.answers["callback/\(category)/\(name)"] = result }
    }

    /// Answers a method of a module or service from now on.
    public func answer(method name: String, of peer: String, with result: JSONValue) {
        self.state.withLock { $0.answers["method/\(peer)/\(name)"] = result }
    }

    /// The targets that the module called, in order, with the bodies.
    public var calls: [(target: String, body: Payload)] {
        self.state.withLock(\.asked)
    }

    /// Why the module has disabled itself; nil while it takes calls.
    public var disabledBecause: String? {
        self.state.withLock { $0.readiness.disabledBecause }
    }

    public func announce(_ readiness: Readiness) {
        self.state.withLock { $0.readiness = readiness }
    }

    public func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        let answer = self.state.withLock { state in
            state.asked.append((request.target, request.body))
            return state.answers[request.target]
        }
        guard let answer else {
            return BusReply(fault: BusFault(.noneRegistered, "the test answers no \(request.target)"))
        }
        return BusReply(status: .answer, body: answer.encoded())
    }
}
