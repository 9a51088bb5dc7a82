internal import Glibc

/// The threads of this process, as the system lists them in `/proc`.
enum ProcessThreads {
    private static let folder = "/proc/self/task"

    /// The system's numbers of all threads; none where there is no `/proc`.
    static var ids: [pid_t] {
        guard let directory = opendir(self.folder) else { return [] }
        defer { closedir(directory) }
        var ids: [pid_t] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let id = pid_t(name) { ids.append(id) }
        }
        return ids
    }

    /// A thread's name; empty when it has ended.
    static func name(of thread: pid_t) -> String {
        let file = open("\(self.folder)/\(thread)/comm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        // The system keeps 15 bytes and ends them with a line break.
        return withUnsafeTemporaryAllocation(byteCount: 16, alignment: 1) { bytes in
            let count = read(file, bytes.baseAddress, bytes.count)
            return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
        }
    }
}
