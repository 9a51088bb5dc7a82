import Foundation
import SeededRandom
import Testing
import WireProtocol

/// On real texts the parser reads what Foundation reads.
struct JSONAgreementTests {
    static let lines: [String] = {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Samples/calls.jsonl")
        let text = try? String(contentsOf: file, encoding: .utf8)
        return text?.split(separator: "\n").map(String.init) ?? []
    }()

    @Test func theSampleIsThere() {
        #expect(Self.lines.count > 50)
    }

    @Test func realCallsAreReadAsFoundationReadsThem() throws {
        for line in Self.lines {
            let expected = try JSONDecoder().decode(FoundationJSON.self, from: Data(line.utf8)).value
            let value = try JSONValue(parsing: line)
            if value != expected { Issue.record("read differently: \(line.prefix(200))") }
        }
    }

    @Test func whatIsWrittenMeansTheSameToFoundation() throws {
        for line in Self.lines {
            let written = try JSONValue(parsing: line).encoded()
            let texts = try [Data(line.utf8), Data(written.bytes)].map { data in
                let object = try JSONSerialization.jsonObject(with: data)
                return try JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
            }
            if texts[0] != texts[1] { Issue.record("written differently: \(line.prefix(200))") }
        }
    }

    @Test func mutatedRealCallsNeverTrap() {
        var random = SplitMix64(seed: 11)
        for line in Self.lines.filter({ $0.utf8.count < 2000 }) {
            for _ in 0..<20 {
                var bytes = Array(line.utf8)
                for _ in 0..<Int.random(in: 1...3, using: &random) { bytes.mutate(using: &random) }
                do throws(JSONError) {
                    _ = try JSONValue(parsing: Payload(bytes))
                } catch {
                    if error.offset == nil { Issue.record("no place in the text: \(error)") }
                }
            }
        }
    }
}

/// A JSON value as Foundation's decoder sees it.
private struct FoundationJSON: Decodable {
    let value: JSONValue

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self.value = .null
        } else if let bool = try? container.decode(Bool.self) {
            self.value = .bool(bool)
        } else if let integer = try? container.decode(Int64.self) {
            self.value = .integer(integer)
        } else if let number = try? container.decode(Double.self) {
            self.value = .number(number)
        } else if let string = try? container.decode(String.self) {
            self.value = .string(string)
        } else if let array = try? container.decode([FoundationJSON].self) {
            self.value = .array(array.map(\.value))
        } else {
            let members = try container.decode([String: FoundationJSON].self)
            self.value = .object(JSONObject(members))
        }
    }
}

extension JSONObject {
    fileprivate init(_ members: [String: FoundationJSON]) {
        self.init()
        for (key, member) in members { self[key] = member.value }
    }
}
