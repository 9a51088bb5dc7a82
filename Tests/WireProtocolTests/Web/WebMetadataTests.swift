import SeededRandom
import Testing
import WireProtocol

struct WebMetadataTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>)
    func theFastEncodersWriteWhatTheSlowOnesWrite(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<100 {
            let request = WebRequestMetadata(
                method: .random(using: &random),
                path: .random(using: &random),
                query: Bool.random(using: &random) ? .random(using: &random) : nil,
                headers: .random(using: &random),
                remote: Bool.random(using: &random) ? .random(using: &random) : nil
            )
            #expect(request.encoded() == request.json.encoded())
            #expect(try WebRequestMetadata(decoding: request.encoded()) == request)
            let response = WebResponseMetadata(
                status: Int.random(in: 200...599, using: &random),
                headers: .random(using: &random)
            )
            #expect(response.encoded() == response.json.encoded())
            #expect(try WebResponseMetadata(decoding: response.encoded()) == response)
        }
    }

    @Test func theFastEncodersAreTheOnesThatControlBodiesUse() {
        func encoded(_ body: some ControlBody) -> Payload { body.encoded() }
        let request = WebRequestMetadata(method: "GET", path: "/", headers: [WebHeader("a", "b"), WebHeader("a", "c")])
        #expect(encoded(request) == request.encoded())
        #expect(request.encoded().text == #"{"method":"GET","path":"/","headers":[["a","b"],["a","c"]]}"#)
    }

    @Test func aReplyWithoutMembersIs200() throws {
        #expect(try WebResponseMetadata(decoding: "{}") == WebResponseMetadata())
    }

    @Test(arguments: [
        (#"{"status":199}"#, "status: "), (#"{"status":600}"#, "status: "), (#"{"status":"200"}"#, "status: "),
        (#"{"headers":{}}"#, "headers: "), (#"{"headers":[["a"]]}"#, "headers[0]: "),
        (#"{"headers":[["a","b"],["a",1]]}"#, "headers[1]: "), (#"{"headers":[["a","b","c"]]}"#, "headers[0]: "),
    ])
    func aReplyThatDoesNotFitNamesTheMember(text: String, start: String) {
        let error = #expect(throws: WireError.self) { try WebResponseMetadata(decoding: Payload(text)) }
        #expect(error?.message.hasPrefix(start) == true)
    }
}

extension String {
    fileprivate static func random(using random: inout SplitMix64) -> String {
        let letters = Array("abcXYZ019/-_%?&=\"\\\n\t\u{1}é🦊 ")
        return String(
            (0..<Int.random(in: 0...12, using: &random)).map { _ in
                letters[Int.random(in: 0..<letters.count, using: &random)]
            }
        )
    }
}

extension [WebHeader] {
    fileprivate static func random(using random: inout SplitMix64) -> [WebHeader] {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in
            WebHeader(.random(using: &random), .random(using: &random))
        }
    }
}
