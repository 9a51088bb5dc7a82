internal import MessageBus
internal import Synchronization

/// Stands for the connection that is made after the module's host: each needs the other.
final class LateCaller: BusCaller {
    private let caller = Mutex<(any BusCaller)?>(nil)

    func connect(_ caller: any BusCaller) {
        self.caller.withLock { $0 = caller }
    }

    func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        guard let caller = self.caller.withLock({ $0 }) else {
            throw BusError(.notConnected, "the module is not on the bus yet")
        }
        return try await caller.call(request)
    }
}
