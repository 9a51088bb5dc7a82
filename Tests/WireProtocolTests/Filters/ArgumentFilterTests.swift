import SeededRandom
import Testing
import WireProtocol

struct ArgumentFilterTests {
    private static let event: JSONValue = [
        "event": [
            "type": "m.room.member", "room_id": "!a:x", "depth": 7, "state_key": nil,
            "content": ["m.relates_to": ["rel_type": "m.thread"], "ok": true],
        ],
        "requester": "@a:x",
    ]

    @Test(arguments: [
        (#"{"event.type":"m.room.member"}"#, true), (#"{"event.type":["m.room.message","m.room.member"]}"#, true),
        (#"{"event.type":"m.room.message"}"#, false), (#"{"event.depth":7}"#, true), (#"{"event.depth":"7"}"#, false),
        (#"{"event.content.ok":true}"#, true), (#"{"event.state_key":null}"#, true), (#"{"event.nope":null}"#, false),
        (#"{"event.room_id":{"prefix":"!a"}}"#, true), (#"{"event.room_id":{"prefix":["!b","!a:"]}}"#, true),
        (#"{"event.depth":{"prefix":"7"}}"#, false), (#"{"event.state_key":{"exists":true}}"#, true),
        (#"{"event.nope":{"exists":false}}"#, true), (#"{"event.content.m\\.relates_to.rel_type":"m.thread"}"#, true),
        (#"{"event.type.deeper":"x"}"#, false), (#"{"event.type":"m.room.member","requester":"@b:x"}"#, false),
        (#"[{"requester":"@b:x"},{"requester":"@a:x"}]"#, true),
        (#"[{"requester":"@b:x"},{"requester":"@c:x"}]"#, false),
    ])
    func aFilterPicksCallsByTheirArguments(text: String, isPicked: Bool) throws {
        let filter = try ArgumentFilter(json: try JSONValue(parsing: text))
        #expect(filter.matches(Self.event) == isPicked)
        #expect(try ArgumentFilter(json: filter.json) == filter)
    }

    @Test(arguments: [
        ("12", "an object of paths"), ("{}", "1 to 32 paths"), ("[]", "1 to 32 alternatives"), (#"{"":1}"#, "no path"),
        (#"{"a..b":1}"#, "no path"), (#"{"a\\":1}"#, "no path"), (#"{"a\\b":1}"#, "backslash"),
        (#"{"a":[]}"#, "1 to 256 values"), (#"{"a":1.5}"#, "whole number"), (#"{"a":[{}]}"#, "whole number"),
        (#"{"a":{"suffix":"x"}}"#, "no test `suffix`"), (#"{"a":{"prefix":1}}"#, "`prefix` is"),
        (#"{"a":{"prefix":"x","exists":true}}"#, "only one"), (#"{"a":{"exists":1}}"#, "true or false"),
        ("{\"\(String(repeating: "a", count: 257))\":1}", "at most 256 bytes"),
        ("{\"a\":\"\(String(repeating: "a", count: 16_384))\"}", "at most 16384 bytes"),
    ])
    func aFilterThatIsNoneIsRefusedWithTheReason(text: String, reason: String) throws {
        let json = try JSONValue(parsing: text)
        let error = #expect(throws: JSONError.self) { try ArgumentFilter(json: json) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test(arguments: 0..<50)
    func aFilterSaysWhatReadingItWordByWordSays(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        for _ in 0..<100 {
            let filter = Self.filter(&random)
            let arguments = Self.object(depth: 3, &random)
            let parsed = try ArgumentFilter(json: try JSONValue(parsing: filter.encoded()))
            #expect(parsed.matches(arguments) == Self.evaluate(filter, arguments), "\(filter) of \(arguments)")
        }
    }

    // MARK: The other way to say it

    /// What the document says, read from the JSON itself.
    private static func evaluate(_ filter: JSONValue, _ arguments: JSONValue) -> Bool {
        (filter.array ?? [filter]).contains { alternative in
            (alternative.object ?? JSONObject()).allSatisfy { path, test in
                Self.holds(test, Self.value(at: path, in: arguments))
            }
        }
    }

    private static func value(at path: String, in arguments: JSONValue) -> JSONValue? {
        path.split(separator: ".").reduce(Optional(arguments)) { value, name in value?[String(name)] }
    }

    private static func holds(_ test: JSONValue, _ value: JSONValue?) -> Bool {
        switch test {
        case .array(let values): values.contains { $0 == value }
        case .object(let members):
            if let isWanted = members["exists"]?.bool {
                isWanted == (value != nil)
            } else {
                (members["prefix"]?.array ?? [members["prefix"] ?? .null]).contains { prefix in
                    value?.string?.hasPrefix(prefix.string ?? "?") ?? false
                }
            }
        default: test == value
        }
    }

    // MARK: Anything

    private static func name(_ random: inout SplitMix64) -> String {
        ["a", "b", "c"].randomElement(using: &random) ?? "a"
    }

    private static func scalar(_ random: inout SplitMix64) -> JSONValue {
        ["x", "xy", "y", 1, 2, true, false, nil].randomElement(using: &random) ?? .null
    }

    private static func object(depth: Int, _ random: inout SplitMix64) -> JSONValue {
        var object = JSONObject()
        for _ in 0..<3 {
            let isDeeper = depth > 1 && Bool.random(using: &random)
            object[Self.name(&random)] = isDeeper ? Self.object(depth: depth - 1, &random) : Self.scalar(&random)
        }
        return .object(object)
    }

    private static func filter(_ random: inout SplitMix64) -> JSONValue {
        let alternatives = (0..<Int.random(in: 1...3, using: &random)).map { _ in
            var members = JSONObject()
            for _ in 0..<Int.random(in: 1...2, using: &random) {
                let names = (0..<Int.random(in: 1...3, using: &random)).map { _ in Self.name(&random) }
                members[names.joined(separator: ".")] = Self.test(&random)
            }
            return JSONValue.object(members)
        }
        return alternatives.count == 1 ? alternatives[0] : .array(alternatives)
    }

    private static func test(_ random: inout SplitMix64) -> JSONValue {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Self.scalar(&random)
        case 1: .array((0..<3).map { _ in Self.scalar(&random) })
        case 2: ["exists": .bool(Bool.random(using: &random))]
        default: ["prefix": .array(["x", "y", "z"].shuffled(using: &random).prefix(2).map { $0 })]
        }
    }
}
