import Foundation

/// A folder that only its owner can enter: what protects the sockets and the token in it.
public enum PrivateFolder {
    /// Makes the folder with mode 0700 when it is missing, and sees that nobody else can enter it when it is there.
    ///
    /// - Throws: ``StorageError`` when it cannot be made, is no folder, or is open to others.
    public static func prepare(_ path: String) throws(StorageError) {
        try Self.makeParents(of: path)
        if mkdir(path, 0o700) != 0, errno != EEXIST {
            throw StorageError(path: path, problem: "cannot be made", errno: errno)
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw StorageError(path: path, problem: "cannot be examined", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw StorageError(path: path, problem: "is not a folder") }
        guard status.st_uid == geteuid() else {
            throw StorageError(
                path: path,
                problem: "belongs to another user (\(status.st_uid)): remove it or use another one"
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StorageError(path: path, problem: "is open to others: run `chmod 700 \(path)` after looking into it")
        }
    }

    private static func makeParents(of path: String) throws(StorageError) {
        let parent = FilePath.folder(of: path)
        do {
            try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        } catch {
            throw StorageError(path: parent, problem: "cannot be made: \(error.localizedDescription)")
        }
    }
}
