import Testing
import WireProtocol

struct HeaderTests {
    @Test(arguments: MessageKind.allCases)
    func everyKindSurvivesTheWire(kind: MessageKind) throws {
        let header = Header(
            kind: kind,
            flags: [.explain, MessageFlags(.overloaded)],
            budgetMilliseconds: .max,
            callID: .max - 1,
            epoch: 1 << 63,
            target: "ünï/çødé 🦊"
        )
        #expect(try Header(header.encoded()) == header)
    }

    @Test(arguments: ReplyStatus.allCases)
    func theStatusHasBitsOfItsOwn(status: ReplyStatus) {
        let flags: MessageFlags = [.metadata, .explain, MessageFlags(status)]
        #expect(flags.status == status)
        #expect(flags.subtracting(MessageFlags(rawValue: 0b11 << 8)) == [.metadata, .explain])
    }

    @Test func unknownFlagsAreIgnoredAndKept() throws {
        var bytes = Header(kind: .call).encoded()
        bytes[2] = 0b1111_1100
        bytes[3] = 0b1111_1101
        let header = try Header(bytes)
        #expect(header.flags.isDisjoint(with: [.metadata, .explain]))
        #expect(header.flags.status == .answer)
        #expect(header.encoded() == bytes)
    }

    @Test func lengthsAroundAnEmptyTargetAreJudged() throws {
        let bytes = Header(kind: .ping).encoded()
        for count in 0..<WireLimits.headerSize {
            #expect(
                WireError.code { () throws(WireError) in try Header(Array(bytes.prefix(count))) } == .headerTooShort
            )
        }
        #expect(try Header(bytes).target.isEmpty)
        #expect(try Header(bytes + [UInt8(ascii: "a")]).target == "a")
    }

    @Test func aTargetMayHaveTheLimitAndNotOneByteMore() throws {
        let target = String(repeating: "x", count: WireLimits.targetSize)
        let bytes = Header(kind: .call, target: target).encoded()
        #expect(try Header(bytes).target == target)
        #expect(WireError.code { () throws(WireError) in try Header(bytes + [120]) } == .targetTooLong)
    }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x61, 0x80],
        ] as [[UInt8]]
    )
    func aTargetThatIsNotUTF8IsAnError(target: [UInt8]) {
        let bytes = Header(kind: .call).encoded() + target
        #expect(WireError.code { () throws(WireError) in try Header(bytes) } == .targetNotUTF8)
    }

    @Test func onlyVersionOneIsRead() {
        var bytes = Header(kind: .ping).encoded()
        for version in UInt8.min...UInt8.max where version != WireLimits.version {
            bytes[0] = version
            #expect(WireError.code { () throws(WireError) in try Header(bytes) } == .unsupportedVersion)
        }
    }

    @Test func aKindIsEitherKnownOrAnErrorThatSaysSo() throws {
        var bytes = Header(kind: .ping).encoded()
        for number in UInt8.min...UInt8.max {
            bytes[1] = number
            let code = WireError.code { () throws(WireError) in try Header(bytes) }
            #expect(code == (MessageKind(rawValue: number) == nil ? .unknownKind : nil))
        }
    }
}
