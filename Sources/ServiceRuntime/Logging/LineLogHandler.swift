import Foundation
public import Logging

/// Writes every entry as one line to a file descriptor, stderr as a rule.
///
/// Each line leaves in one `write`, which pipes keep whole up to `PIPE_BUF`; so there is no lock and no buffer that could
/// be lost in a crash.
public struct LineLogHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let logger: String
    private let format: LogConfiguration.Format
    private let descriptor: Int32

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - label: the name of the executable, which every line carries.
    ///   - logger: the label that the logger was made with; a line names it when it is another one.
    ///   - configuration: level and format.
    ///   - descriptor: where lines go, `STDERR_FILENO` as a rule.
    public init(label: String, logger: String, configuration: LogConfiguration, descriptor: Int32) {
        self.label = label
        self.logger = logger
        self.logLevel = configuration.level
        self.format = configuration.format
        self.descriptor = descriptor
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var metadata = self.metadata
        metadata.merge(self.metadataProvider?.get() ?? [:]) { _, new in new }
        metadata.merge(event.metadata ?? [:]) { _, new in new }
        if let error = event.error {
            metadata["error"] = "\(error)"
        }
        if self.logger != self.label {
            metadata["logger"] = "\(self.logger)"
        }
        let line = LogLine(
            level: event.level,
            label: self.label,
            message: event.message.description,
            metadata: metadata.mapValues(\.description)
        )
        self.write(line.bytes(as: self.format))
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Foundation.write(self.descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            // There is nowhere left to report that the log itself cannot be written.
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}
