internal import WireProtocol

/// The largest frame that a message within the protocol's limits can have.
enum FrameSize {
    /// What a socket has to accept: a peer that sends a larger frame is disconnected by libzmq, so this is above each of the bounds
    /// that the protocol answers with words.
    static func max(bodySizeMax: Int) -> Int {
        let payload = Swift.max(bodySizeMax, WireLimits.controlBodySize, WireLimits.metadataSize)
        let (size, overflow) = payload.addingReportingOverflow(4096)
        return overflow ? .max : size
    }
}
