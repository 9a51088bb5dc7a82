import Foundation

/// A folder for the sockets of one test, removed with the last reference.
final class TemporaryFolder: Sendable {
    private let path: String

    init() throws {
        // Directly in /tmp, because the path of an ipc socket must be short.
        self.path = "/tmp/zmq-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }

    func endpoint(_ name: String = "bus") -> String {
        "ipc://\(self.path)/\(name).sock"
    }
}
