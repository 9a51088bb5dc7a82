import MessageBus
import Synchronization
import WireProtocol

/// A bus that a test plays.
final class ScriptedBus: BusCaller {
    typealias Script = @Sendable (BusRequest) async throws(BusError) -> BusReply

    private struct State {
        var requests: [BusRequest] = []
        var cancellations = 0
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let script: Script
    private let state = Mutex(State())

    init(_ script: @escaping Script) {
        self.script = script
    }

    /// A bus that gives everybody the same reply.
    convenience init(reply: BusReply) {
        self.init { _ throws(BusError) in reply }
    }

    /// A bus on which every call fails.
    convenience init(error: BusError) {
        self.init { _ throws(BusError) in throw error }
    }

    /// A bus that answers each call with its fault.
    convenience init(fault: BusFault.Code, _ message: String = "said the module") {
        self.init(reply: BusReply(fault: BusFault(fault, message)))
    }

    /// A bus on which a call ends only when it is cancelled.
    static func silent() -> ScriptedBus {
        ScriptedBus { _ throws(BusError) in
            await Task.untilCancelled()
            throw BusError(.cancelled, "cancelled")
        }
    }

    func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        self.note { $0.requests.append(request) }
        do throws(BusError) {
            return try await self.script(request)
        } catch {
            if error.code == .cancelled { self.note { $0.cancellations += 1 } }
            throw error
        }
    }

    var requests: [BusRequest] {
        self.state.withLock { $0.requests }
    }

    func waitForCall() async {
        await self.wait { !$0.requests.isEmpty }
    }

    func waitForCancellation() async {
        await self.wait { $0.cancellations > 0 }
    }

    private func note(_ change: (inout State) -> Void) {
        let watchers = self.state.withLock { state in
            change(&state)
            defer { state.watchers = [] }
            return state.watchers
        }
        for watcher in watchers { watcher.resume() }
    }

    private func wait(_ isTrue: @Sendable (State) -> Bool) async {
        while !self.state.withLock({ isTrue($0) }) {
            await withCheckedContinuation { watcher in
                let isDone = self.state.withLock { state in
                    guard !isTrue(state) else { return true }
                    state.watchers.append(watcher)
                    return false
                }
                if isDone { watcher.resume() }
            }
        }
    }
}

extension Task where Success == Never, Failure == Never {
    /// Returns when the current task is cancelled.
    static func untilCancelled() async {
        let (stream, continuation) = AsyncStream<Never>.makeStream()
        await withTaskCancellationHandler {
            for await _ in stream {}
        } onCancel: {
            continuation.finish()
        }
    }
}

/// A call that never ends and ignores cancellation until the test lets it go.
final class Latch: Sendable {
    private let stream: AsyncStream<Never>
    private let continuation: AsyncStream<Never>.Continuation

    init() {
        (self.stream, self.continuation) = AsyncStream<Never>.makeStream()
    }

    func open() {
        self.continuation.finish()
    }

    /// Waits in a task of its own, which nobody cancels.
    func wait() async {
        await Task { for await _ in self.stream {} }.value
    }
}
