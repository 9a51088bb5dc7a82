import Foundation
import Testing

@testable import ServiceRuntime

struct StorageTests {
    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func aPrivateFolderIsItsOwnersAlone() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/deep/run"
        try PrivateFolder.prepare(path)
        try PrivateFolder.prepare(path)
        #expect(try self.mode(path) == 0o700)
    }

    @Test func aFolderThatOthersCanEnterIsRefused() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
        let error = #expect(throws: StorageError.self) { try PrivateFolder.prepare(folder.path) }
        #expect(error?.problem.contains("chmod 700") == true)
    }

    @Test func aFileIsNoFolder() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/run"
        try Data().write(to: URL(filePath: file))
        #expect(throws: StorageError.self) { try PrivateFolder.prepare(file) }
    }

    @Test func aTokenIsMadeOnceAndIsItsOwnersAlone() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/admin.token"
        let token = try AdminToken.loadOrCreate(file)
        #expect(token.text.count == 64)
        #expect(try AdminToken.loadOrCreate(file) == token)
        #expect(try AdminToken.load(file) == token)
        #expect(try self.mode(file) == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["admin.token"])
    }

    @Test func aTokenThatOthersCanReadIsRefused() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/admin.token"
        _ = try AdminToken.loadOrCreate(file)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
        #expect(throws: StorageError.self) { try AdminToken.load(file) }
    }

    @Test func aFileWithoutATokenIsRefused() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/admin.token"
        #expect(
            FileManager.default.createFile(
                atPath: file,
                contents: Data("x".utf8),
                attributes: [.posixPermissions: 0o600]
            )
        )
        #expect(throws: StorageError.self) { try AdminToken.loadOrCreate(file) }
        #expect(throws: StorageError.self) { try AdminToken.load("\(folder.path)/none") }
    }

    @Test func aTokenIsNeverWrittenWhereSomethingIs() throws {
        let folder = try TemporaryFolder()
        let victim = "\(folder.path)/victim"
        try Data("mine".utf8).write(to: URL(filePath: victim))
        let link = "\(folder.path)/draft"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: victim)
        let token = try AdminToken.loadOrCreate("\(folder.path)/admin.token")
        #expect(throws: StorageError.self) { try AdminToken.write(token, to: link) }
        #expect(throws: StorageError.self) { try AdminToken.write(token, to: victim) }
        #expect(try String(contentsOfFile: victim, encoding: .utf8) == "mine")
    }

    // A file that another user owns is only to be had as root, and then any number will do.
    @Test(.enabled(if: geteuid() == 0)) func aTokenOfAnotherUserIsRefused() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/admin.token"
        _ = try AdminToken.loadOrCreate(file)
        #expect(chown(file, 12_345, 12_345) == 0)
        let error = #expect(throws: StorageError.self) { try AdminToken.load(file) }
        #expect(error?.problem.contains("another user (12345)") == true)
    }

    @Test func aPipeInATokensPlaceIsRefusedWithoutWaiting() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/admin.token"
        #expect(mkfifo(file, 0o600) == 0)
        #expect(throws: StorageError.self) { try AdminToken.loadOrCreate(file) }
    }
}
