import Foundation

/// A peer that speaks ZMTP 3 by hand over a Unix socket, so that it can say what libzmq would not.
struct Stranger {
    private let descriptor: CInt

    struct Failure: Error {
        let call: String
        let errno: CInt
    }

    /// Connects and shakes hands as a DEALER with a routing id; an empty one leaves the choice to the other side.
    init(path: String, routingID: String) throws {
        self.descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        guard self.descriptor >= 0 else { throw Failure(call: "socket", errno: errno) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(self.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Failure(call: "connect", errno: errno) }
        try self.shakeHands(routingID: routingID)
    }

    private func shakeHands(routingID: String) throws {
        var greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 0]
        greeting += Array("NULL".utf8) + [UInt8](repeating: 0, count: 16 + 32)
        try self.write(greeting)
        let properties = Self.property("Socket-Type", "DEALER") + Self.property("Identity", routingID)
        let ready = [5] + Array("READY".utf8) + properties
        try self.write([0x04, UInt8(ready.count)] + ready)
        // Messages may follow when the other side is ready too: its greeting, and a short command.
        _ = try self.read(64)
        _ = try self.read(Int(self.read(2)[1]))
    }

    private static func property(_ name: String, _ value: String) -> [UInt8] {
        [UInt8(name.utf8.count)] + Array(name.utf8) + [0, 0, 0, UInt8(value.utf8.count)] + Array(value.utf8)
    }

    /// Sends a message of short frames.
    func send(_ frames: [[UInt8]]) throws {
        for (index, frame) in frames.enumerated() {
            try self.write([index + 1 < frames.count ? 1 : 0, UInt8(frame.count)] + frame)
        }
    }

    func close() {
        Foundation.close(self.descriptor)
    }

    private func read(_ count: Int) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var got = 0
        while got < count {
            let part = bytes[got...].withUnsafeMutableBytes {
                Foundation.read(self.descriptor, $0.baseAddress, $0.count)
            }
            guard part > 0 else { throw Failure(call: "read", errno: errno) }
            got += part
        }
        return bytes
    }

    private func write(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { Foundation.write(self.descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Failure(call: "write", errno: errno) }
            sent += count
        }
    }
}
