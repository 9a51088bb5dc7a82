internal import Synchronization

/// The worker's methods, which the connection is given before there is a worker: each of the two needs the other.
public final class LateMethods: Sendable {
    private let storage = Mutex<UpdateMethods?>(nil)

    public init() {}

    public var methods: UpdateMethods? {
        get { self.storage.withLock { $0 } }
        set { self.storage.withLock { $0 = newValue } }
    }
}
