import Foundation

/// What a process has used of the processors.
enum ProcessTime {
    struct Unreadable: Error {
        let id: Int32
    }

    /// User and system time since the process began.
    static func used(by id: Int32) throws -> Duration {
        // The name in brackets may have spaces in it; what is counted begins behind it (proc_pid_stat(5)).
        let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
        guard let bracket = text.lastIndex(of: ")") else { throw Unreadable(id: id) }
        let fields = text[text.index(after: bracket)...].split(separator: " ")
        guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else {
            throw Unreadable(id: id)
        }
        return .seconds(Double(user + system) / Double(sysconf(Int32(_SC_CLK_TCK))))
    }
}
