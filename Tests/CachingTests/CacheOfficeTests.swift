import Foundation
import Testing

@testable import Caching

struct CacheOfficeTests {
    private static func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "office-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private static func epoch(in folder: String) throws -> UInt64 {
        let office = try CacheOffice(folder: folder)
        return office.epoch
    }

    @Test func everyHolderHasAHigherEpoch() throws {
        try Self.withFolder { folder in
            let epochs = try (0..<5).map { _ in try Self.epoch(in: folder) }
            #expect(zip(epochs, epochs.dropFirst()).allSatisfy { $0 < $1 })
        }
    }

    @Test func aLostFolderDoesNotTakeTheEpochsBack() throws {
        try Self.withFolder { folder in
            let first = try Self.epoch(in: folder)
            try FileManager.default.removeItem(atPath: "\(folder)/cache.epoch")
            #expect(try Self.epoch(in: folder) >= first)
        }
    }

    @Test func aSecondHolderIsRefused() throws {
        try Self.withFolder { folder in
            let office = try CacheOffice(folder: folder)
            let error = #expect(throws: CacheOfficeError.self) { try Self.epoch(in: folder) }
            #expect(error?.problem.contains("another cache service") == true)
            _ = consume office
            _ = try Self.epoch(in: folder)
        }
    }

    @Test func anEpochThatCannotBeReadIsNotGuessed() throws {
        try Self.withFolder { folder in
            try Data("no number\n".utf8).write(to: URL(filePath: "\(folder)/cache.epoch"))
            #expect(throws: CacheOfficeError.self) { try Self.epoch(in: folder) }
        }
    }
}
