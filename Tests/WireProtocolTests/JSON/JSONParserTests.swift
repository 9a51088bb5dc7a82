import Testing
import WireProtocol

/// RFC 8259, text by text.
struct JSONParserTests {
    static let goodTexts: [(String, JSONValue)] = [
        ("null", nil), ("true", true), ("false", false), (" \t\r\n1 \t\r\n", 1),
        ("0", 0), ("-0", 0), ("-1", -1), ("10", 10), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", 9_223_372_036_854_775_808.0),
        ("0.5", 0.5), ("-0.5e1", -5.0), ("1E+2", 100.0), ("1e-2", 0.01), ("0e0", 0.0), ("1e0000000000000001", 10.0),
        ("1e-400", 0.0), ("-1e-400", -0.0), ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{08}\u{0C}\n\r\t"), (#""\u0041\u00e9\u00E9""#, "Aéé"),
        (#""\u0000""#, "\0"), (#""\ud83e\udd8a""#, "🦊"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"), (#""\uFFFF""#, "\u{FFFF}"),
        ("\"\u{7F}é🦊\"", "\u{7F}é🦊"), ("[]", []), ("[ ]", []), ("[1,[2],{}]", [1, [2], [:]]), ("{}", [:]), ("{ }", [:]),
        (#"{"a":1,"b":[true,null]}"#, ["a": 1, "b": [true, nil]]), (#"{"":0}"#, ["": 0]),
        (#" { "a" : 1 , "b" : 2 } "#, ["a": 1, "b": 2]),
    ]

    @Test(arguments: goodTexts.indices)
    func aTextOfTheGrammarIsRead(index: Int) throws {
        let (text, value) = Self.goodTexts[index]
        #expect(try JSONValue(parsing: text) == value, "\(text)")
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "tru", "NaN", "Infinity", "-Infinity", "undefined", "'a'", "a",
        "01", "-01", "-", "+1", ".5", "1.", "1.e1", "1e", "1e+", "0x10", "1_000", "--1", "1.2.3", "00", "-a", "1 2",
        "１",
        "\"", "\"a", "\"\\", "\"\\\"", "\"\\x\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u 123\"", "\"\\U0041\"",
        "\"a\nb\"", "\"\t\"", "\"\0\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"",
        "\"\\udc00\\ud800\"", "\"\\ud800\\u\"",
        "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1}", "[1]]", "[1],", "{", "}", "{\"a\"", "{\"a\":",
        "{\"a\":}", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}",
        "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1]", "{,}", "{\"a\":1}}", "{null:1}", "// c\n1",
        "1 // c", "/* c */ 1", "\u{FEFF}1", "1\u{A0}", "\u{0C}1", "1e999", "-1e999",
    ])
    func aTextOutsideOfTheGrammarIsAnErrorAtItsPlace(text: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        let offset = error?.offset ?? -1
        #expect((0...text.utf8.count).contains(offset), "\(text)")
    }

    @Test(
        arguments: [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80]] as [[UInt8]]
    )
    func aStringThatIsNotUTF8IsAnError(bytes: [UInt8]) {
        let payload = Payload([UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")])
        #expect(throws: JSONError.self) { try JSONValue(parsing: payload) }
    }

    @Test func theOffsetIsThatOfTheFirstByteThatDoesNotFit() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: #"{"a": [1, x]}"#) }
        #expect(error?.offset == 10)
        #expect(error?.description == "expected a value, found 'x' at byte 10")
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func nestingHasABound(open: String, close: String) throws {
        func text(_ depth: Int) -> String {
            String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
        }
        _ = try JSONValue(parsing: text(JSONParser.depthMax))
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text(JSONParser.depthMax + 1)) }
        #expect(error?.message.contains("\(JSONParser.depthMax)") == true)
        #expect(throws: JSONError.self) { try JSONValue(parsing: String(repeating: open, count: 1_000_000)) }
    }

    @Test func manyNeighboursAreNotNesting() throws {
        let text = "[" + String(repeating: "[],{},", count: 1000) + "0]"
        #expect(try JSONValue(parsing: text).array?.count == 2001)
    }

    @Test(.timeLimit(.minutes(5)))
    func aHugeNumberIsJudgedQuickly() throws {
        let digits = String(repeating: "7", count: 1 << 20)
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: digits) }
        #expect((error?.message.utf8.count ?? .max) < 200)
        #expect(try JSONValue(parsing: "0." + digits).number == 7.0 / 9.0)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "1e" + digits) }
    }
}
