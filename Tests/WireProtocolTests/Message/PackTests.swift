import SeededRandom
import Testing
import WireProtocol

struct PackTests {
    private static let letters = [
        Envelope(Header(kind: .call, budgetMilliseconds: 5000, callID: 1, target: "method/a/b"), body: "body"),
        Envelope(Header(kind: .reply, flags: MessageFlags(.answer), callID: 2), metadata: "{}", body: "x"),
        Envelope(Header(kind: .reply, flags: MessageFlags(.continue), callID: 3, epoch: 7), metadata: .empty),
        Envelope(Header(kind: .cancel, callID: 4)),
        Envelope(
            Header(kind: .call, flags: .explain, callID: .max, target: "callback/é/ü"),
            body: Payload(Array(0...255))
        ),
    ]

    /// Everything that can be read, and the error if there is one.
    private static func read(_ bytes: [UInt8], bodySizeMax: Int = 1000) -> ([Envelope], WireError.Code?) {
        var read: [Envelope] = []
        var targets = TargetMemo()
        do throws(WireError) {
            var reader = try PackReader(Envelope(Header(kind: .pack), body: Payload(bytes)))
            while let letter = try reader.next(remembering: &targets, bodySizeMax: bodySizeMax) { read.append(letter) }
            return (read, nil)
        } catch {
            return (read, error.code)
        }
    }

    @Test func messagesComeOutAsTheyWentIn() {
        let (read, error) = Self.read(Pack.encoded(Self.letters))
        #expect(read == Self.letters)
        #expect(error == nil)
    }

    @Test func aPackOfNothingIsMalformed() {
        #expect(Self.read([]) == ([], .pack))
    }

    @Test func aPackHasABoundOnItsMessages() {
        let letters = (0..<UInt64(WireLimits.packMessages) + 1).map { Envelope(Header(kind: .cancel, callID: $0)) }
        #expect(Self.read(Pack.encoded(letters.dropLast())) == (letters.dropLast(), nil))
        #expect(Self.read(Pack.encoded(letters)) == (letters.dropLast(), .pack))
    }

    @Test func whatStandsBehindAMalformedMessageCounts() throws {
        let bad = [Envelope(Header(kind: .ping)), Envelope(Header(kind: .call, target: "x"))]
        var bytes = Pack.encoded([Self.letters[0], bad[0], Self.letters[1], bad[1], Self.letters[2]])
        // The target of the second one is not UTF-8.
        let second = try #require(bytes.lastIndex(of: UInt8(ascii: "x")))
        bytes[second] = 0xFF
        var reader = try PackReader(Envelope(Header(kind: .pack), body: Payload(bytes)))
        var targets = TargetMemo()
        var read: [Envelope?] = []
        for _ in 0..<5 { read.append(try? reader.next(remembering: &targets, bodySizeMax: 1000)) }
        #expect(read == [Self.letters[0], nil, Self.letters[1], nil, Self.letters[2]])
        #expect(try reader.next(remembering: &targets, bodySizeMax: 1000) == nil)
    }

    @Test func whereverAPackIsCutTheMessagesBeforeCount() {
        let bytes = Pack.encoded(Self.letters)
        var ends: [Int] = [0]
        for letter in Self.letters { ends.append(ends[ends.count - 1] + Pack.encoded([letter]).count) }
        for cut in 0...bytes.count {
            let whole = ends.filter { $0 <= cut }.count - 1
            let (read, error) = Self.read(Array(bytes.prefix(cut)))
            #expect(read == Array(Self.letters.prefix(whole)))
            #expect((error == nil) == (ends.contains(cut) && cut > 0), "cut at \(cut)")
        }
    }

    @Test(arguments: MessageKind.allCases.filter { ![.call, .reply, .cancel].contains($0) })
    func onlyMessagesAboutCallsTravelInPacks(kind: MessageKind) {
        let envelope = Envelope(Header(kind: kind))
        #expect(Pack.size(of: envelope) == nil)
        #expect(Self.read(Pack.encoded([Self.letters[0], envelope])) == ([Self.letters[0]], .pack))
    }

    @Test func aLongMessageTravelsAlone() throws {
        let size = try #require(Pack.size(of: Envelope(Header(kind: .call))))
        let longest = Payload([UInt8](repeating: 0, count: Pack.letterSizeMax - size))
        #expect(Pack.size(of: Envelope(Header(kind: .call), body: longest)) == Pack.letterSizeMax)
        #expect(Pack.size(of: Envelope(Header(kind: .call), body: Payload(longest.bytes + [0]))) == nil)
    }

    @Test func aBodyHasTheSameLimitAsOutsideOfAPack() {
        let pack = Pack.encoded([Envelope(Header(kind: .call), body: Payload([UInt8](repeating: 0, count: 101)))])
        #expect(Self.read(pack, bodySizeMax: 101).1 == nil)
        #expect(Self.read(pack, bodySizeMax: 100) == ([], .bodyTooLong))
    }

    @Test func metadataThatNobodyAnnouncedIsMalformed() {
        var pack = Pack.encoded([Envelope(Header(kind: .call), metadata: "{}")])
        pack[12 + 2] = 0
        #expect(Self.read(pack) == ([], .pack))
    }

    @Test func sizesThatAreNotThereAreMalformed() {
        let sizes = [[UInt8](repeating: 0xFF, count: 12), [24] + [UInt8](repeating: 0, count: 11)]
        for bytes in sizes { #expect(Self.read(bytes) == ([], .pack)) }
    }

    @Test func aPackHasNoMetadata() {
        let pack = Envelope(Header(kind: .pack), metadata: "{}")
        #expect(WireError.code { () throws(WireError) in try PackReader(pack) } == .pack)
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutatedPacksNeverTrap(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let original = Pack.encoded(Self.letters)
        for _ in 0..<20_000 {
            var frames = [original]
            for _ in 0..<Int.random(in: 1...4, using: &random) { frames.mutate(using: &random) }
            let bytes = frames.flatMap { $0 }
            let (read, error) = Self.read(bytes)
            let written = Pack.encoded(read)
            #expect(bytes.starts(with: written) && (error != nil || written.count == bytes.count), "\(bytes)")
        }
    }

    @Test func aPartKeepsItsBytesWhenThePackIsGone() {
        var read = Self.read(Pack.encoded(Self.letters)).0
        let body = read[4].body
        read = []
        #expect(body.bytes == Array(0...255))
        #expect(body.part(1..<3).bytes == [1, 2])
        #expect(body.part(5..<5) == .empty)
    }
}
