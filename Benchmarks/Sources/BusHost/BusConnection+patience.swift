public import MessageBus
internal import WireProtocol

/// A call that was not answered.
public struct CallFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ request: BusRequest, _ reply: BusReply) {
        self.description = "\(request.target): \(reply.fault.map { "\($0)" } ?? "no answer: \(reply.body.text)")"
    }
}

extension BusConnection {
    /// Makes a call, again and again for five seconds at most while nobody is there: who has just started may be ready a moment
    /// before the dispatcher knows.
    ///
    /// - Throws: ``CallFailure`` when there is no answer.
    public func answer(to request: BusRequest) async throws -> BusReply {
        let absent: [BusFault.Code] = [.noneRegistered, .noneUp]
        for _ in 0..<500 {
            let reply = try await self.call(request)
            if reply.status == .answer { return reply }
            if let fault = reply.fault, !absent.contains(fault.code) {
                throw CallFailure(request, reply)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw CallFailure(request, try await self.call(request))
    }
}
