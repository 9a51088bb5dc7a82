internal import MessageBus
internal import Synchronization
internal import WireProtocol

/// Stands for the connection that is made after the module's host: each needs the other.
final class LateCaller: BusCaller, ReadinessSink {
    private struct State {
        var caller: (any BusCaller & ReadinessSink)?
        /// What was said before there was anybody to say it to.
        var readiness: Readiness?
    }

    private let state = Mutex(State())

    func connect(_ caller: any BusCaller & ReadinessSink) {
        let readiness = self.state.withLock { state in
            state.caller = caller
            return state.readiness.take()
        }
        if let readiness { caller.announce(readiness) }
    }

    func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        guard let caller = self.state.withLock({ $0.caller }) else {
            throw BusError(.notConnected, "the module is not on the bus yet")
        }
        return try await caller.call(request)
    }

    func announce(_ readiness: Readiness) {
        let caller = self.state.withLock { state in
            if state.caller == nil { state.readiness = readiness }
            return state.caller
        }
        caller?.announce(readiness)
    }
}
