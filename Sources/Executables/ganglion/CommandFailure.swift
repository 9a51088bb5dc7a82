import ServiceRuntime

/// Why a command failed, for the person who typed it.
struct CommandFailure: Error {
    let status: Int32
    let message: String

    static func failed(_ message: String) -> Self {
        Self(status: ExitStatus.failure, message: message)
    }

    static func unreachable(_ url: String, _ reason: String) -> Self {
        Self(
            status: ExitStatus.unavailable,
            message:
                "the platform at \(url) cannot be reached: \(reason). Start it with `ganglion up`, or name it with --url."
        )
    }

    static func configuration(_ problems: [ConfigurationProblem]) -> Self {
        Self(
            status: ExitStatus.configurationError,
            message: problems.map(\.description).joined(separator: "\n")
        )
    }
}
