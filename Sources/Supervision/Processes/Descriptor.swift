import Foundation

/// A file descriptor that is closed exactly once, when its owner is done with it.
package struct Descriptor: ~Copyable {
    package let number: Int32

    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        close(self.number)
    }

    /// The same file at a number that no file action of a spawned child overwrites, closed on exec.
    func raised() -> Descriptor? {
        let raised = fcntl(self.number, F_DUPFD_CLOEXEC, 16)
        return raised < 0 ? nil : Descriptor(owning: raised)
    }

    func setNonBlocking() {
        _ = fcntl(self.number, F_SETFL, fcntl(self.number, F_GETFL) | O_NONBLOCK)
    }

    /// What can be read now, appended to `bytes`; false at the end of the file.
    package func drain(into bytes: inout [UInt8], max: Int) -> Bool {
        let before = bytes.count
        while bytes.count - before < max {
            let count = withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
                let count = read(self.number, buffer.baseAddress, buffer.count)
                if count > 0 { bytes.append(contentsOf: buffer.prefix(count)) }
                return count
            }
            if count == 0 { return false }
            if count < 0, errno != EINTR { return errno == EAGAIN || errno == EWOULDBLOCK }
        }
        return true
    }
}
