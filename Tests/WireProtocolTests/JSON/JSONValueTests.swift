import SeededRandom
import Testing
import WireProtocol

struct JSONValueTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func anyValueSurvivesItsText(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let value = JSONValue.random(depth: 4, using: &random)
            let text = value.encoded()
            let read = try JSONValue(parsing: text)
            if read != value { Issue.record("seed \(seed): \(text.text)") }
            if read.encoded() != text { Issue.record("seed \(seed): another text for \(text.text)") }
        }
    }

    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func mutatedTextNeverTraps(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<200 {
            let original = JSONValue.random(depth: 3, using: &random).encoded().bytes
            for _ in 0..<20 {
                var bytes = original
                for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.mutate(using: &random) }
                Self.expectValueOrError(bytes)
            }
        }
    }

    private static func expectValueOrError(_ bytes: [UInt8]) {
        do throws(JSONError) {
            let value = try JSONValue(parsing: Payload(bytes))
            let again = try JSONValue(parsing: value.encoded())
            if again != value { Issue.record("not the same again: \(value)") }
        } catch {
            if !(0...bytes.count).contains(error.offset ?? -1) { Issue.record("no place in the text: \(error)") }
        }
    }

    @Test(
        arguments: [
            (.infinity, "null"), (-.infinity, "null"), (.nan, "null"), (0.1, "0.1"), (-0.0, "-0.0"), (1e300, "1e+300"),
            (.leastNonzeroMagnitude, "5e-324"), (100, "100.0"),
        ] as [(Double, String)]
    )
    func numbersAreWrittenAsJSONHasThem(number: Double, text: String) {
        #expect(JSONValue.number(number).encoded().text == text)
    }

    @Test(
        arguments: [
            ("", #""""#), ("a", #""a""#),
            (String(repeating: "x", count: 15), "\"\(String(repeating: "x", count: 15))\""),
            (String(repeating: "y", count: 300), "\"\(String(repeating: "y", count: 300))\""), ("é 🐘", #""é 🐘""#),
            ("say \"so\"", #""say \"so\"""#), ("a\\b", #""a\\b""#), ("tab\t", #""tab\t""#), ("\u{1}", #""\u0001""#),
        ]
    )
    func aTextAloneIsWrittenAsOneAmongOthersIs(text: String, encoded: String) {
        #expect(JSONValue.string(text).encoded().text == encoded)
        #expect(JSONValue.array([.string(text)]).encoded().text == "[\(encoded)]")
    }

    @Test func controlCharactersAreEscaped() {
        let text = JSONValue.string("\u{00}\u{08}\u{1F}\n\r\t\"\\/\u{7F}").encoded().text
        #expect(text == #""\u0000\u0008\u001f\n\r\t\"\\/"# + "\u{7F}\"")
    }

    @Test func accessorsGiveOnlyWhatIsThere() {
        #expect(JSONValue.integer(2).number == 2)
        #expect(JSONValue.number(2).integer == nil)
        #expect(JSONValue.string("a").integer == nil)
        #expect((["a": 1] as JSONValue)["a"] == 1)
        #expect((["a"] as JSONValue)["a"] == nil)
        #expect(JSONValue.null.bool == nil)
    }
}

extension JSONValue {
    static func random(depth: Int, using random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: .null
        case 1: .bool(.random(using: &random))
        case 2: .integer(Int64(truncatingIfNeeded: random.next()) >> Int64.random(in: 0..<64, using: &random))
        case 3: .number(Self.randomNumber(using: &random))
        case 4, 5: .string(Self.randomText(using: &random))
        case 6:
            .array((0..<Int.random(in: 0...4, using: &random)).map { _ in .random(depth: depth - 1, using: &random) })
        default: .object(Self.randomObject(depth: depth, using: &random))
        }
    }

    private static func randomNumber(using random: inout SplitMix64) -> Double {
        let number = Double(bitPattern: random.next())
        return number.isFinite ? number : 0.1
    }

    private static func randomObject(depth: Int, using random: inout SplitMix64) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            object[Self.randomText(using: &random)] = .random(depth: depth - 1, using: &random)
        }
        return object
    }

    private static func randomText(using random: inout SplitMix64) -> String {
        let planes: [ClosedRange<UInt32>] = [
            0...0x1F, 0x20...0x7E, 0x22...0x22, 0x5C...0x5C, 0x80...0xD7FF, 0xE000...0x10FFFF,
        ]
        var text = ""
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let plane = planes[Int.random(in: 0..<planes.count, using: &random)]
            text.unicodeScalars.append(Unicode.Scalar(UInt32.random(in: plane, using: &random)) ?? "?")
        }
        return text
    }
}
