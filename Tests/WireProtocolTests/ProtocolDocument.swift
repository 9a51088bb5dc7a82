import Foundation

/// `docs/wire-protocol.md`, as the tests read it: the examples in the page are the ones that are tested.
struct ProtocolDocument {
    /// One example of §11: what the page says it is, and its frames.
    struct GoldenMessage {
        let title: String
        let frames: [[UInt8]]
    }

    private let text: String

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        self.text = try String(contentsOf: root.appending(path: "docs/wire-protocol.md"), encoding: .utf8)
    }

    /// The examples of §11.
    var goldenMessages: [GoldenMessage] {
        let section = self.section("## 11.")
        // Odd parts stand between fences; the sentence before the fence says what it is.
        let parts = section.components(separatedBy: "```")
        return stride(from: 1, to: parts.count, by: 2).map { index in
            GoldenMessage(title: Self.lastSentence(of: parts[index - 1]), frames: Self.frames(in: parts[index]))
        }
    }

    /// The JSON examples of a section, in order.
    func examples(in heading: String) -> [String] {
        self.section(heading).components(separatedBy: "```json").dropFirst().map { part in
            part.components(separatedBy: "```")[0].trimmingCharacters(in: .whitespacesAndNewlines)
        }
    }

    private func section(_ heading: String) -> String {
        let depth = heading.prefix { $0 == "#" }.count
        var lines: [Substring] = []
        var isInside = false
        for line in self.text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#"), line.prefix(while: { $0 == "#" }).count <= depth {
                isInside = line.hasPrefix(heading)
            } else if isInside {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func lastSentence(of text: String) -> String {
        let paragraph = text.trimmingCharacters(in: .whitespacesAndNewlines).components(separatedBy: "\n\n").last ?? ""
        return paragraph.hasSuffix(":") ? String(paragraph.dropLast()) : paragraph
    }

    private static func frames(in block: String) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        for line in block.split(separator: "\n") {
            let bytes = line == "(empty)" ? [] : line.split(separator: " ").compactMap { UInt8($0, radix: 16) }
            if line.hasPrefix(" "), !frames.isEmpty {
                frames[frames.count - 1] += bytes
            } else {
                frames.append(bytes)
            }
        }
        return frames
    }
}
