import Foundation
import ServiceRuntime
import Testing

/// Holds the configuration reference in `docs/operations.md` to the keys that are really read.
struct OperationsReferenceTests {
    /// A section of the file with a key that is certainly unknown; the error names the known ones.
    static let sections = [
        "": "{ ?: 1 }",
        "bus": "bus: { ?: 1 }",
        "gateway": "gateway: { ?: 1 }",
        "cache": "cache: { ?: 1 }",
        "background_updates": "background_updates: { ?: 1 }",
        "callbacks": "callbacks: { ?: 1 }",
        "callbacks.overrides.<callbacks>": "callbacks: { overrides: { '*': { ?: 1 } } }",
        "databases.<name>": "databases: { main: { sqlite: a.db, ?: 1 } }",
        "modules[]": "modules: [{ module: a, ?: 1 }]",
        "modules[].allow": "modules: [{ module: a, allow: { ?: 1 } }]",
        "log": "log: { ?: 1 }",
    ]

    @Test(arguments: Self.sections)
    func everyKeyOfASectionIsInTheReferenceAndNoOther(section: String, yaml: String) throws {
        let text = yaml.replacing("?", with: "zzzzzzzzzzzzzzzz")
        let error = #expect(throws: ConfigurationError.self) {
            try PlatformConfiguration(yaml: text, file: "/srv/ganglion.yaml")
        }
        let message = try #require(error?.problems.first?.message)
        let known = try #require(message.split(separator: "known here: ").last).split(separator: ", ").map(String.init)
        #expect(try Self.documentedKeys(of: section).sorted() == known.sorted())
    }

    /// The first column of the reference's tables has the keys with their sections: `bus.listen`, `modules[].run`.
    private static func documentedKeys(of section: String) throws -> [String] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let file = root.deletingLastPathComponent().appending(path: "docs/operations.md")
        let page = try String(contentsOf: file, encoding: .utf8)
        let reference = try #require(page.split(separator: "\n## ").first { $0.hasPrefix("1. Configuration") })
        return reference.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("| `"), let end = line.dropFirst(3).firstIndex(of: "`") else { return nil }
            let path = line.dropFirst(3)[..<end]
            let dot = path.lastIndex(of: ".")
            let key = dot.map { String(path[path.index(after: $0)...]) } ?? String(path)
            return String(dot.map { path[..<$0] } ?? "") == section ? key : nil
        }
    }
}
