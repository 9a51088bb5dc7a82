import ServiceRuntime

/// Why a replay could not begin or go on.
struct ReplayError: Error {
    let message: String
    let exitStatus: Int32

    static func unreadable(_ file: String, _ reason: String) -> Self {
        Self(message: "\(file): \(reason)", exitStatus: ExitStatus.failure)
    }

    static func unavailable(_ message: String) -> Self {
        Self(message: message, exitStatus: ExitStatus.unavailable)
    }
}
