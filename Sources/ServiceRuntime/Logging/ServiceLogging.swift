import Foundation
public import Logging

/// Logging of one process.
public enum ServiceLogging {
    /// Sends every logger of this process to stderr, one line an entry.
    ///
    /// To be called once, before the first logger is made.
    ///
    /// - Parameters:
    ///   - label: the name of the executable, which every line carries.
    ///   - configuration: level and format; `GANGLION_LOG_LEVEL` and `GANGLION_LOG_FORMAT` win over it.
    /// - Returns: the logger of the process.
    public static func bootstrap(_ label: String, configuration: LogConfiguration = .init()) -> Logger {
        let effective = configuration.overridden(by: ProcessInfo.processInfo.environment)
        LoggingSystem.bootstrap { logger in
            LineLogHandler(label: label, logger: logger, configuration: effective, descriptor: STDERR_FILENO)
        }
        return Logger(label: label)
    }
}
