internal import Glibc

/// The right to be the cache service of a folder, and the epoch that comes with it.
///
/// The folder has two small files: `cache.lock`, which the system unlocks when its holder is gone, however it went, and `cache.epoch`,
/// the epoch of whoever held it last. Each holder takes the next one, and has it on the disk before it serves anybody, so an epoch is never used
/// twice. The first epoch of a folder is the time in seconds: a folder that was lost does not take the epochs back.
public struct CacheOffice: ~Copyable, Sendable {
    /// Higher than that of every holder before.
    public let epoch: UInt64
    private let descriptor: Int32

    /// Takes office.
    ///
    /// - Parameter folder: A folder that exists.
    /// - Throws: ``CacheOfficeError`` when another process holds it, or the epoch cannot be read or written.
    public init(folder: String) throws(CacheOfficeError) {
        let descriptor = try Self.lock("\(folder)/cache.lock")
        let epoch: UInt64
        do throws(CacheOfficeError) {
            epoch = try Self.nextEpoch("\(folder)/cache.epoch", in: folder)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.epoch = epoch
    }

    deinit {
        close(self.descriptor)
    }

    private static func lock(_ path: String) throws(CacheOfficeError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CacheOfficeError(path, "cannot be opened (\(Self.reason))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let problem =
                errno == EWOULDBLOCK
                ? "another cache service works in this folder: stop it or name another folder in cache.folder"
                : "cannot be locked (\(Self.reason))"
            close(descriptor)
            throw CacheOfficeError(path, problem)
        }
        return descriptor
    }

    private static func nextEpoch(_ path: String, in folder: String) throws(CacheOfficeError) -> UInt64 {
        let epoch = try Self.read(path).map { $0 + 1 } ?? UInt64(max(1, time(nil)))
        let draft = "\(path).new"
        try Self.write("\(epoch)\n", to: draft)
        guard rename(draft, path) == 0 else { throw CacheOfficeError(path, "cannot be replaced (\(Self.reason))") }
        // The new name too must be on the disk before the epoch is used.
        try Self.synchronize(folder, O_RDONLY | O_DIRECTORY)
        return epoch
    }

    /// The last epoch; `nil` where there was none.
    private static func read(_ path: String) throws(CacheOfficeError) -> UInt64? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT else { throw CacheOfficeError(path, "cannot be opened (\(Self.reason))") }
            return nil
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw CacheOfficeError(path, "cannot be read (\(Self.reason))") }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        guard let epoch = UInt64(text.prefix { $0 != "\n" }), epoch < UInt64(Int64.max) else {
            throw CacheOfficeError(
                path,
                "has no epoch in it: remove it when no process uses the cache, and start again"
            )
        }
        return epoch
    }

    private static func write(_ text: String, to path: String) throws(CacheOfficeError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CacheOfficeError(path, "cannot be made (\(Self.reason))") }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0 else {
            throw CacheOfficeError(path, "cannot be written (\(Self.reason))")
        }
    }

    private static func synchronize(_ path: String, _ flags: Int32) throws(CacheOfficeError) {
        let descriptor = open(path, flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw CacheOfficeError(path, "cannot be opened (\(Self.reason))") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw CacheOfficeError(path, "cannot be written (\(Self.reason))") }
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Why a cache service cannot take office.
public struct CacheOfficeError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let problem: String

    init(_ path: String, _ problem: String) {
        self.path = path
        self.problem = problem
    }

    public var description: String { "\(self.path): \(self.problem)" }
}
