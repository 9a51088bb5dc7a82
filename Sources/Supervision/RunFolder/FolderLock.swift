import Foundation

/// A lock on a file that the system releases when its last holder is gone, however it went.
public struct FolderLock: ~Copyable, Sendable {
    let descriptor: Descriptor

    /// The descriptor that holds the lock; a process that inherits it shares the lock.
    public var number: Int32 { self.descriptor.number }

    /// Takes the lock, or returns nil when somebody else has it.
    ///
    /// - Throws: ``SupervisionError`` when the file cannot be opened.
    public init?(_ path: String) throws(SupervisionError) {
        let number = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard number >= 0 else {
            throw SupervisionError(.alreadyRunning, "\(path) cannot be opened: \(String(cString: strerror(errno)))")
        }
        let opened = Descriptor(owning: number)
        guard let descriptor = opened.raised(), flock(descriptor.number, LOCK_EX | LOCK_NB) == 0 else { return nil }
        self.descriptor = descriptor
    }

    /// Writes down who holds the lock, for whoever is refused.
    public func sign(_ text: String) {
        let bytes = Array(text.utf8)
        ftruncate(self.descriptor.number, 0)
        pwrite(self.descriptor.number, bytes, bytes.count, 0)
    }

    /// What the holder wrote; nil when nobody holds the lock.
    public static func holder(of path: String) -> String? {
        let number = open(path, O_RDWR | O_CLOEXEC)
        guard number >= 0 else { return nil }
        let descriptor = Descriptor(owning: number)
        guard flock(descriptor.number, LOCK_EX | LOCK_NB) != 0 else { return nil }
        var bytes: [UInt8] = []
        _ = descriptor.drain(into: &bytes, max: 4096)
        return String(decoding: bytes, as: UTF8.self)
    }
}
