/// How a process ended.
public enum ProcessExit: Sendable, Hashable, CustomStringConvertible {
    case status(Int32)
    case signal(Int32)

    /// `exited with status 78 (configuration error)`, `was ended by signal 9 (SIGKILL)`.
    public var description: String {
        switch self {
        case .status(let status): "exited with status \(status)\(Self.meaning(of: status))"
        case .signal(let signal): "was ended by signal \(signal)\(Self.names[signal].map { " (\($0))" } ?? "")"
        }
    }

    /// Whether what the process wrote last can say why it ended: not when somebody else ended it, nor when it succeeded.
    var isOwnDoing: Bool {
        ![.status(0), .signal(9), .signal(15)].contains(self)
    }

    private static func meaning(of status: Int32) -> String {
        switch status {
        case 78: " (configuration error)"
        case 126: " (not executable)"
        case 127: " (not found)"
        default: ""
        }
    }

    // The numbers that Linux and macOS share.
    private static let names: [Int32: String] = [
        1: "SIGHUP", 2: "SIGINT", 3: "SIGQUIT", 4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 8: "SIGFPE", 9: "SIGKILL",
        11: "SIGSEGV", 13: "SIGPIPE", 14: "SIGALRM", 15: "SIGTERM",
    ]
}
