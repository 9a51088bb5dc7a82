internal import NIOCore

/// What a connection may cost beside the requests on it.
struct ConnectionBounds: Sendable {
    /// How long nothing may move while a response is being written.
    let stallTimeout: TimeAmount
    /// How much of a body that nobody wants is read so that the connection can be used again, in bytes.
    var leftoverMax = 256 << 10
    /// How long that may take.
    var leftoverTimeout = TimeAmount.seconds(2)
}
