import Foundation

/// The bearer token of the admin surface, kept in a file that only its owner can read.
public struct AdminToken: Sendable, Hashable {
    /// 32 random bytes in hexadecimal.
    public let text: String

    static let characters = 64

    /// Reads the token, making it first when there is none.
    ///
    /// - Throws: ``StorageError`` when the file cannot be made or read, belongs to somebody else, is open to others, or holds no token.
    public static func loadOrCreate(_ file: String) throws(StorageError) -> Self {
        guard access(file, F_OK) != 0 else { return try Self.load(file) }
        // A name that nobody can guess, so that nothing waits for us there and what a process left when it was killed is in nobody's way.
        let draft = "\(file).\(UInt64.random(in: .min ... .max))"
        defer { unlink(draft) }
        try Self.write(Self.random(), to: draft)
        // Linking is atomic and never replaces: of several processes that start at once, all use the first one's token.
        guard link(draft, file) == 0 || errno == EEXIST else {
            throw StorageError(path: file, problem: "cannot be made", errno: errno)
        }
        return try Self.load(file)
    }

    /// Writes the token to a file that must not be there yet, not even as a link.
    static func write(_ token: Self, to file: String) throws(StorageError) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError(path: file, problem: "cannot be made", errno: errno) }
        defer { close(descriptor) }
        try Self.examine(descriptor, file)
        let line = Array("\(token.text)\n".utf8)
        guard Foundation.write(descriptor, line, line.count) == line.count else {
            throw StorageError(path: file, problem: "cannot be written", errno: errno)
        }
    }

    /// Reads the token.
    ///
    /// - Throws: ``StorageError`` when the file cannot be read, belongs to somebody else, is open to others, or holds no token.
    public static func load(_ file: String) throws(StorageError) -> Self {
        // Never waits: somebody could have put a pipe there.
        let descriptor = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw StorageError(path: file, problem: "cannot be read", errno: errno) }
        defer { close(descriptor) }
        try Self.examine(descriptor, file)
        // Enough for a token and its line end, and too little for a wrong file to matter.
        var bytes = [UInt8](repeating: 0, count: 2 * Self.characters)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw StorageError(path: file, problem: "cannot be read", errno: errno) }
        let text = String(decoding: bytes[..<count], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.count == Self.characters, text.allSatisfy(\.isHexDigit) else {
            throw StorageError(path: file, problem: "holds no token: remove it, and the next start makes one")
        }
        return Self(text: text)
    }

    /// Sees that the file that was opened, whatever its path leads to by now, is its owner's alone, and that the owner is this user.
    private static func examine(_ descriptor: Int32, _ file: String) throws(StorageError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StorageError(path: file, problem: "cannot be examined", errno: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StorageError(path: file, problem: "is no file: remove it, and the next start makes one")
        }
        guard status.st_uid == geteuid() else {
            throw StorageError(
                path: file,
                problem:
                    "belongs to another user (\(status.st_uid)), who knows the token: remove it or use another file"
            )
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StorageError(
                path: file,
                problem: "is open to others: run `chmod 600 \(file)`, or remove it for a new token"
            )
        }
    }

    private static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<(Self.characters / 2)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Self(text: bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}
