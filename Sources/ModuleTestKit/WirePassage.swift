internal import MessageBus
internal import WireProtocol

extension InboundCall {
    /// The call as it would arrive: encoded and decoded.
    func overTheWire() throws -> InboundCall {
        let header = Header(kind: .call, flags: self.flags, budgetMilliseconds: 1, callID: 1, target: self.target)
        let envelope = try Envelope(header, metadata: self.metadata, body: self.body).overTheWire()
        return InboundCall(
            target: envelope.header.target,
            flags: envelope.header.flags,
            budget: self.budget,
            epoch: self.epoch,
            metadata: envelope.metadata,
            body: envelope.body
        )
    }
}

extension BusReply {
    /// The reply as it would arrive: encoded and decoded.
    func overTheWire() throws -> BusReply {
        let header = Header(kind: .reply, flags: MessageFlags(self.status), callID: 1, target: self.target)
        let envelope = try Envelope(header, metadata: self.metadata, body: self.body).overTheWire()
        return BusReply(
            status: envelope.header.flags.status,
            target: envelope.header.target,
            epoch: self.epoch,
            metadata: envelope.metadata,
            body: envelope.body
        )
    }
}

extension Envelope {
    fileprivate func overTheWire() throws -> Envelope {
        let header = try self.header.encoded().withUnsafeBytes { try Header(decoding: $0) }
        return try Envelope(
            received: header,
            second: self.metadata ?? self.body,
            third: self.metadata == nil ? nil : self.body,
            frameCount: self.metadata == nil ? 2 : 3,
            bodySizeMax: WireLimits.defaultBodySize
        )
    }
}
