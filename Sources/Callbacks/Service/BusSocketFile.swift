internal import Glibc

/// The file behind an `ipc://` endpoint.
///
/// libzmq removes whatever stands at the path it binds, even the socket of a process that lives. So the file is looked at first: a
/// process that listens there accepts a connection, what a dead one left refuses it.
struct BusSocketFile {
    let path: String

    /// The file of an endpoint; nil for endpoints of another kind.
    init?(endpoint: String) {
        guard endpoint.hasPrefix("ipc://") else { return nil }
        self.path = String(endpoint.dropFirst("ipc://".count))
    }

    /// Makes way for a new socket.
    ///
    /// - Throws: ``BusSocketError`` when a process listens there, or when something else stands there.
    func makeWay() throws(BusSocketError) {
        var status = stat()
        guard lstat(self.path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw BusSocketError(path: self.path, problem: "is there and is no socket: remove it or name another path")
        }
        guard try !self.isListenedTo() else {
            throw BusSocketError(
                path: self.path,
                problem:
                    "another process listens here, probably a dispatcher: stop it or name another path in bus.listen"
            )
        }
        guard unlink(self.path) == 0 || errno == ENOENT else {
            throw BusSocketError(
                path: self.path,
                problem: "was left by a dead process and cannot be removed (\(Self.reason))"
            )
        }
    }

    /// Removes the socket of this process, which libzmq does too late when the process ends.
    func remove() {
        unlink(self.path)
    }

    private func isListenedTo() throws(BusSocketError) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(self.path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BusSocketError(path: self.path, problem: "is too long for the path of a socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        // Not blocking: a process that is stopped must not stop this one; a full queue is a process too.
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else {
            throw BusSocketError(path: self.path, problem: "cannot be looked at (\(Self.reason))")
        }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 || errno == EAGAIN || errno == EINPROGRESS
    }

    private static var reason: String { String(cString: strerror(errno)) }
}

/// Why the dispatcher cannot listen at a path.
public struct BusSocketError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let problem: String

    public var description: String {
        "the bus socket \(self.path): \(self.problem)"
    }
}
