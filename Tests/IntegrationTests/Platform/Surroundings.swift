import Foundation

/// Folders for one test each; short, for the path of an ipc socket has at most 107 bytes.
enum TemporaryFolder {
    static func make() throws -> URL {
        let folder = URL(fileURLWithPath: "/tmp/ganglion-\(UUID().uuidString.prefix(8).lowercased())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func remove(_ folder: URL) {
        try? FileManager.default.removeItem(at: folder)
    }
}

/// The platform's own executables, as they were built with the tests.
enum Executables {
    static func path(of name: String) -> String {
        // The test bundle lies beside them.
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: bundle).deletingLastPathComponent().appending(path: name).path
    }
}

enum FreePort {
    struct NotFound: Error {}

    /// A port of the loopback interface that nobody listens on now.
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(descriptor, pointer, length) == 0 ? getsockname(descriptor, pointer, &length) : -1
            }
        }
        guard result == 0 else { throw NotFound() }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// What did not come true in time.
struct NotEventually: Error, CustomStringConvertible {
    let expectation: String
    let limit: Duration
    let last: String

    var description: String {
        "not within \(self.limit): \(self.expectation)\(self.last.isEmpty ? "" : "; last: \(self.last)")"
    }
}

/// Asks again and again until a condition holds.
///
/// - Throws: ``NotEventually`` when the limit has passed, or what the condition throws.
func eventually(
    _ expectation: String,
    within limit: Duration,
    last: () -> String = { "" },
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while true {
        if try await condition() { return }
        guard ContinuousClock.now < deadline else {
            throw NotEventually(expectation: expectation, limit: limit, last: last())
        }
        // The pause between two looks, not a wait for something to have happened.
        try await ContinuousClock().sleep(for: .milliseconds(10))
    }
}
