import Foundation

/// Where the databases of a platform under test are.
enum DataFolder {
    /// Makes the folder that a database is to be in.
    static func make(for database: String) throws {
        let folder = URL(filePath: database).deletingLastPathComponent()
        // `run` is its owner's only.
        for path in [folder.deletingLastPathComponent().path, folder.path] {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
    }
}
