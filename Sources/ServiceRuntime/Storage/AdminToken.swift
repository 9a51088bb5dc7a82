import Foundation

/// The bearer token of the admin surface, kept in a file that only its owner can read.
public struct AdminToken: Sendable, Hashable {
    /// 32 random bytes in hexadecimal.
    public let text: String

    static let characters = 64

    /// Reads the token, making it first when there is none.
    ///
    /// - Throws: ``StorageError`` when the file cannot be made or read, is open to others, or holds no token.
    public static func loadOrCreate(_ file: String) throws(StorageError) -> Self {
        guard access(file, F_OK) != 0 else { return try Self.load(file) }
        let draft = "\(file).\(getpid())"
        defer { unlink(draft) }
        try Self.write(Self.random(), to: draft)
        // Linking is atomic and never replaces: of several processes that start at once, all use the first one's token.
        guard link(draft, file) == 0 || errno == EEXIST else {
            throw StorageError(path: file, problem: "cannot be made", errno: errno)
        }
        return try Self.load(file)
    }

    private static func write(_ token: Self, to file: String) throws(StorageError) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StorageError(path: file, problem: "cannot be made", errno: errno) }
        defer { close(descriptor) }
        let line = Array("\(token.text)\n".utf8)
        guard Foundation.write(descriptor, line, line.count) == line.count else {
            throw StorageError(path: file, problem: "cannot be written", errno: errno)
        }
    }

    /// Reads the token.
    ///
    /// - Throws: ``StorageError`` when the file cannot be read, is open to others, or holds no token.
    public static func load(_ file: String) throws(StorageError) -> Self {
        var status = stat()
        guard stat(file, &status) == 0 else { throw StorageError(path: file, problem: "cannot be read", errno: errno) }
        guard status.st_mode & 0o077 == 0 else {
            throw StorageError(
                path: file,
                problem: "is open to others: run `chmod 600 \(file)`, or remove it for a new token"
            )
        }
        guard let data = FileManager.default.contents(atPath: file) else {
            throw StorageError(path: file, problem: "cannot be read")
        }
        let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard text.count == Self.characters, text.allSatisfy(\.isHexDigit) else {
            throw StorageError(path: file, problem: "holds no token: remove it, and the next start makes one")
        }
        return Self(text: text)
    }

    private static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<(Self.characters / 2)).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Self(text: bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}
