internal import Synchronization

/// What the worker has counted since it began.
public final class WorkerCounters: Sendable {
    public struct Values: Hashable, Sendable {
        public var batches = 0
        public var rows = 0
        public var finished = 0
        public var failures = 0
        public var setAside = 0
        /// Batches whose rows changed while a module thought.
        public var stale = 0
        /// Batches that could not be committed because another worker had taken over.
        public var fenced = 0
        public var lockTimeouts = 0
        public var cuts = 0
        public var skippedRows = 0
        /// Times a controller was silent for too long or answered an error.
        public var controllerFailures = 0
        /// Values of a controller that make no sense.
        public var controllerBadValues = 0
        public var leasesTaken = 0
    }

    private let values = Mutex(Values())

    public init() {}

    public var current: Values { self.values.withLock { $0 } }

    func add(_ counter: sending WritableKeyPath<Values, Int>, _ count: Int = 1) {
        self.values.withLock { $0[keyPath: counter] += count }
    }
}
