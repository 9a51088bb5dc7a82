import SeededRandom
import Testing

@testable import Gateway

struct RequestPathTests {
    @Test(arguments: [
        ("/", [""]),
        ("/a", ["a"]),
        ("/a/", ["a", ""]),
        ("/a//b", ["a", "", "b"]),
        ("/a%2Fb/c", ["a/b", "c"]),
        ("/caf%C3%A9", ["café"]),
        ("/%FF", ["\u{FFFD}"]),
        ("/a?b=/../%zz", ["a"]),
        ("/a...", ["a..."]),
    ])
    func aPathIsCutBeforeItIsDecoded(target: String, segments: [String]) throws {
        #expect(try RequestPath(target).segments == segments)
    }

    @Test func textAndQueryStayAsReceived() throws {
        let path = try RequestPath("/a%2fb/%7Euser?q=%2f&r=?")
        #expect(path.text == "/a%2fb/%7Euser")
        #expect(path.query == "q=%2f&r=?")
        #expect(try RequestPath("/a").query == nil)
        #expect(try RequestPath("/a?").query?.isEmpty == true)
    }

    @Test(arguments: [
        ("", RequestPathError.notAbsolute),
        ("a/b", .notAbsolute),
        ("*", .notAbsolute),
        ("/a/../b", .dotSegment),
        ("/a/..", .dotSegment),
        ("/./a", .dotSegment),
        ("/a/%2e%2E/b", .dotSegment),
        ("/a/%2e", .dotSegment),
        ("/a%00", .nul),
        ("/a\0b", .nul),
        ("/%", .badEncoding),
        ("/%4", .badEncoding),
        ("/%zz", .badEncoding),
        ("/a%/b", .badEncoding),
    ])
    func aDeceptivePathIsRefused(target: String, error: RequestPathError) {
        #expect(throws: error) { try RequestPath(target) }
    }

    @Test func aPathHasABound() throws {
        let longest = "/" + String(repeating: "a", count: RequestPath.sizeMax - 1)
        #expect(try RequestPath(longest + "?" + longest).segments.count == 1)
        #expect(throws: RequestPathError.tooLong) { try RequestPath(longest + "a") }
    }

    @Test func anyBytesGiveAPathOrATypedError() {
        var random = SplitMix64(seed: 20_261)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                Array("/.%?2eF0a\0\u{80}".utf8).randomElement(using: &random) ?? 0
            }
            let target = String(decoding: bytes, as: UTF8.self)
            guard let path = try? RequestPath(target) else { continue }
            let isSound =
                !path.segments.isEmpty && target.hasPrefix(path.text)
                && !path.segments.contains { $0 == ".." || $0 == "." || $0.utf8.contains(0) }
            if !isSound { Issue.record("\(bytes)") }
        }
    }
}
