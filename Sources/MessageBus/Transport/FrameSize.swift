internal import WireProtocol

/// The largest frame that a message within the protocol's limits can have.
enum FrameSize {
    /// What a socket has to accept: a peer that sends a larger frame is disconnected by libzmq, so this is above each of the bounds
    /// that the protocol answers with words.
    ///
    /// - Parameters:
    ///   - bodySizeMax: The longest body of a call or reply.
    ///   - isPeer: Whether this side connects: only such a side is sent tables.
    /// - Returns: The size in bytes.
    static func max(bodySizeMax: Int, isPeer: Bool) -> Int {
        let control = isPeer ? WireLimits.tableBodySize : WireLimits.controlBodySize
        let payload = Swift.max(bodySizeMax, control, WireLimits.metadataSize)
        let (size, overflow) = payload.addingReportingOverflow(4096)
        return overflow ? .max : size
    }
}
