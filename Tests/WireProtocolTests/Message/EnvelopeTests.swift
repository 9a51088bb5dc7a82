import Testing
import WireProtocol

struct EnvelopeTests {
    @Test func theMetadataFlagFollowsTheMetadata() {
        #expect(Envelope(Header(kind: .call, flags: .metadata)).header.flags == [])
        #expect(Envelope(Header(kind: .call, flags: .explain), metadata: "{}").header.flags == [.metadata, .explain])
    }

    @Test func emptyMetadataIsStillAFrame() throws {
        let envelope = Envelope(Header(kind: .call), metadata: .empty, body: "x")
        #expect(envelope.frames.count == 3)
        #expect(try Envelope(frames: envelope.frames) == envelope)
    }

    @Test(arguments: [false, true], [1, 2, 3, 4, 100])
    func theNumberOfFramesIsTheOneTheHeaderAnnounces(hasMetadata: Bool, count: Int) {
        let header = Header(kind: .call, flags: hasMetadata ? .metadata : [])
        let frames = [header.encoded()] + [[UInt8]](repeating: [1], count: count - 1)
        let code = WireError.code { () throws(WireError) in try Envelope(frames: frames) }
        #expect(code == (count == (hasMetadata ? 3 : 2) ? nil : .frameCount))
    }

    @Test func metadataMayHaveTheLimitAndNotOneByteMore() {
        let header = Header(kind: .reply, flags: .metadata).encoded()
        let metadata = [UInt8](repeating: 32, count: WireLimits.metadataSize)
        #expect(WireError.code { () throws(WireError) in try Envelope(frames: [header, metadata, []]) } == nil)
        let code = WireError.code { () throws(WireError) in try Envelope(frames: [header, metadata + [32], []]) }
        #expect(code == .metadataTooLong)
    }

    @Test(arguments: [MessageKind.call, .reply, .chunk])
    func theBodyOfACallHasTheOperatorsLimit(kind: MessageKind) {
        let header = Header(kind: kind).encoded()
        for (count, expected) in [(100, nil), (101, WireError.Code.bodyTooLong)] {
            let frames = [header, [UInt8](repeating: 0, count: count)]
            let code = WireError.code { () throws(WireError) in try Envelope(frames: frames, bodySizeMax: 100) }
            #expect(code == expected)
        }
    }

    @Test(arguments: MessageKind.allCases.filter { ![.call, .reply, .chunk].contains($0) })
    func theBodyOfAControlMessageHasALimitOfItsOwn(kind: MessageKind) {
        let header = Header(kind: kind).encoded()
        let limit =
            switch kind {
            case .registered, .refused, .table: WireLimits.tableBodySize
            case .pack: WireLimits.packSize
            default: WireLimits.controlBodySize
            }
        let body = [UInt8](repeating: 0, count: limit)
        #expect(WireError.code { () throws(WireError) in try Envelope(frames: [header, body], bodySizeMax: 1) } == nil)
        let code = WireError.code { () throws(WireError) in try Envelope(frames: [header, body + [0]]) }
        #expect(code == .bodyTooLong)
    }
}
