import SeededRandom
import Testing
import WireProtocol

struct JSONCheckTests {
    @Test(arguments: [
        #"{"a":[1,2,{"b":"c"}],"d":null}"#, #"[]"#, #"{}"#, #" [ true , false ] "#, #""x""#, #"12"#, #"-1.5e3"#,
        #""\u00e9é""#,
    ])
    func aTextIsJSON(text: String) {
        #expect(Payload(text).isJSON)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", #"{"a"}"#, #"{"a":}"#, #"{1:2}"#, "[1 2]", "tru", "nulll", #""a"#, "01", "1.", "[1}",
        "{]", "\"\u{1}\"", "1 2", ",",
    ])
    func aTextIsNoJSON(text: String) {
        #expect(!Payload(text).isJSON)
    }

    @Test(arguments: 1...4 as ClosedRange<UInt64>) func theCheckAgreesWithTheParser(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let letters = Array(#"{}[]",:0123456789.-eE truefalsn\u"#.utf8) + [0xC3, 0xA9, 0x0A, 0x01]
        for _ in 0..<5000 {
            let count = Int.random(in: 0...12, using: &generator)
            let payload = Payload((0..<count).map { _ in letters.randomElement(using: &generator) ?? 0 })
            #expect(payload.isJSON == ((try? JSONValue(parsing: payload)) != nil), "\(payload.bytes)")
        }
    }

    @Test func aTextThatIsNestedTooDeepIsNone() {
        let depth = JSONParser.depthMax
        #expect(Payload(String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).isJSON)
        #expect(!Payload(String(repeating: "[", count: depth + 1) + String(repeating: "]", count: depth + 1)).isJSON)
    }
}
