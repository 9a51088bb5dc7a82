import Foundation
import Testing

@testable import Callbacks

struct BusSocketFileTests {
    private let folder: URL

    init() throws {
        self.folder = URL(filePath: "/tmp/bus-\(UInt32.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    private var path: String { self.folder.appending(path: "bus.sock").path }

    private func file() throws -> BusSocketFile {
        try #require(BusSocketFile(endpoint: "ipc://\(self.path)"))
    }

    /// A socket that listens until it is closed, and whose file stays when it is.
    private func listen() throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(self.path.utf8)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
        try #require(Glibc.listen(descriptor, 1) == 0)
        return descriptor
    }

    @Test func nothingIsInTheWay() throws {
        try self.file().makeWay()
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test func theSocketOfADeadProcessIsRemoved() throws {
        close(try self.listen())
        try self.file().makeWay()
        #expect(!FileManager.default.fileExists(atPath: self.path))
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test func theSocketOfALivingProcessIsLeftAlone() throws {
        let descriptor = try self.listen()
        let error = #expect(throws: BusSocketError.self) { try self.file().makeWay() }
        #expect(error?.description.contains("another process listens here") == true)
        #expect(FileManager.default.fileExists(atPath: self.path))
        close(descriptor)
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test func aFileThatIsNoSocketIsLeftAlone() throws {
        try Data("precious".utf8).write(to: URL(filePath: self.path))
        #expect(throws: BusSocketError.self) { try self.file().makeWay() }
        #expect(FileManager.default.fileExists(atPath: self.path))
        try FileManager.default.removeItem(at: self.folder)
    }

    @Test func endpointsOfAnotherKindHaveNoFile() {
        #expect(BusSocketFile(endpoint: "tcp://127.0.0.1:7000") == nil)
    }
}
