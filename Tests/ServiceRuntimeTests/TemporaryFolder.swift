import Foundation

/// A folder of one test, removed with the value that owns it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        self.path = "/tmp/ganglion-\(UUID().uuidString.prefix(8))"
        try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: false)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.path)
    }
}
