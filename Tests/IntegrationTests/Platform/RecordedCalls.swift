import Foundation
import WireProtocol

/// One call that a real homeserver made to its modules.
struct RecordedCall: Sendable {
    let line: Int
    let category: String
    let callback: String
    let arguments: JSONValue
}

enum RecordedCalls {
    struct Unreadable: Error {
        let message: String
    }

    static func load() throws -> [RecordedCall] {
        let text: String
        if let folder = ProcessInfo.processInfo.environment["GANGLION_TEST_DATA"] {
            text = try self.decompress(URL(fileURLWithPath: folder).appending(path: "matrix/calls.jsonl.xz"))
        } else {
            text = try String(
                contentsOf: Checkout.root.appending(path: "data/matrix/sample-calls.jsonl"),
                encoding: .utf8
            )
        }
        return try text.split(separator: "\n").enumerated().map { index, line in
            let json = try JSONValue(parsing: String(line))
            guard let category = json["category"]?.string, let callback = json["callback"]?.string,
                let arguments = json["args"]
            else { throw Unreadable(message: "line \(index + 1) is not a call") }
            return RecordedCall(line: index + 1, category: category, callback: callback, arguments: arguments)
        }
    }

    private static func decompress(_ file: URL) throws -> String {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xz", "--decompress", "--stdout", file.path]
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Unreadable(message: "xz could not read \(file.path)") }
        return String(decoding: data, as: UTF8.self)
    }
}

/// The folder of the project.
enum Checkout {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}
