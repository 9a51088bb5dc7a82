import Foundation
import Synchronization

/// Where the directory has its users from: stands for the service that a real module would ask over the network.
///
/// With a file, all processes of the module share the users, and they outlive the platform. Without one, they are this process's own.
final class UserSource: Sendable {
    struct Full: Error {}

    private let file: String?
    private let usersMax: Int
    private let users: Mutex<[String: String]>

    /// - Parameters:
    ///   - users: Department by user, where there is no file yet.
    ///   - file: Path of a JSON object, or nil.
    ///   - usersMax: The most users there may be.
    init(_ users: [String: String], file: String?, usersMax: Int) {
        self.users = Mutex(users)
        self.file = file
        self.usersMax = usersMax
    }

    /// The department of a user; nil when there is no such user.
    func department(of user: String) throws -> String? {
        try self.users.withLock { users in
            try self.read(&users)
            return users[user]
        }
    }

    /// Moves a user to a department, taking up who is new.
    ///
    /// - Returns: Whether the user is new.
    /// - Throws: ``Full`` when nobody new can be taken up, or the file's error.
    func set(_ department: String, of user: String) throws -> Bool {
        try self.users.withLock { users in
            let lock = try self.file.map(FileLock.init)
            defer { lock?.release() }
            try self.read(&users)
            let isNew = users[user] == nil
            guard !isNew || users.count < self.usersMax else { throw Full() }
            users[user] = department
            try self.write(users)
            return isNew
        }
    }

    private func read(_ users: inout [String: String]) throws {
        guard let file, FileManager.default.fileExists(atPath: file) else { return }
        users = try JSONDecoder().decode([String: String].self, from: Data(contentsOf: URL(filePath: file)))
    }

    private func write(_ users: [String: String]) throws {
        guard let file else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // A reader finds the old file or the new one.
        try encoder.encode(users).write(to: URL(filePath: file), options: .atomic)
    }
}

/// Keeps processes from changing the users at the same time: each reads, changes and writes the whole file.
private struct FileLock {
    private let descriptor: Int32

    init(_ file: String) throws {
        self.descriptor = open("\(file).lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard self.descriptor >= 0, flock(self.descriptor, LOCK_EX) == 0 else {
            throw CocoaError(.fileWriteNoPermission, userInfo: [NSFilePathErrorKey: "\(file).lock"])
        }
    }

    func release() {
        close(self.descriptor)
    }
}
