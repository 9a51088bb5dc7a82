internal import NIOCore

/// What a connection may cost beside the requests on it.
struct ConnectionBounds: Sendable {
    /// How long nothing may move while a response is being written.
    let stallTimeout: TimeAmount
    /// How much of a body that nobody wants is read, in bytes.
    ///
    /// Many clients look for the answer only when they have sent everything, and lose it when the connection is closed under them. Reading
    /// costs no memory, and the time is bounded too.
    var leftoverMax = 64 << 20
    /// How long that may take.
    var leftoverTimeout = TimeAmount.seconds(2)
}
