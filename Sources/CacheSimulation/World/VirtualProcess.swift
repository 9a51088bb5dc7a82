import Caching
import MessageBus
import WireProtocol

/// A process with a near cache.
struct VirtualProcess {
    let number: Int
    var coherence: CoherenceClient
    var near: NearCache<Int>
    var isCutOff = false
    var isPaused = false
    /// The loads under way, by key.
    var loading: Set<Int> = []
    /// What arrived while the process was paused.
    var missed: [CacheWorld.Event] = []
    /// When the last invalidation arrived: a connection keeps the order.
    var lastPush = 0.0

    init(number: Int, _ settings: CacheSettings) {
        self.number = number
        self.coherence = CoherenceClient(
            staleness: .milliseconds(Int64(CacheWorld.staleness)),
            tagsMax: settings.tagsMax,
            rules: settings.rules
        )
        self.near = NearCache(entriesMax: 1000)
    }
}

/// A call on its way, with what its caller needs to go on.
struct VirtualCall {
    enum Purpose {
        /// By a writer, of a key's version.
        case invalidate(key: Int, version: Int)
        case ping(sentAt: MonotonicTime)
        case replay(from: UInt64)
        /// By a reader that began at a time.
        case get(key: Int, began: Double)
        case fill(key: Int)
    }

    var id: UInt64
    /// `nil` for a writer, which is never cut off.
    var process: Int?
    var target: String
    var metadata: Payload?
    var body: Payload
    var purpose: Purpose
}

/// A load under a lease.
struct VirtualLoad {
    var process: Int
    var key: Int
    var token: UInt64
    /// The number known before the load began.
    var asof: SequenceNumber
    var mark: LoadMark
    var began: Double
    var value: Int
}
