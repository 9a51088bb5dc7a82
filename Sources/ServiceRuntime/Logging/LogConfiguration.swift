public import Logging

/// What is logged and how it is written.
///
/// - `log.level` (`trace` … `critical`, default `info`); the variable `GANGLION_LOG_LEVEL` wins over the file.
/// - `log.format` (`text` or `json`, default `text`); the variable `GANGLION_LOG_FORMAT` wins over the file.
public struct LogConfiguration: Sendable, Hashable {
    /// How one entry is written.
    public enum Format: String, Sendable, CaseIterable {
        /// `2026-11-22T01:26:21.123Z info gateway listening address=127.0.0.1:8008`.
        case text
        /// One JSON object a line.
        case json
    }

    public var level: Logger.Level
    public var format: Format

    /// Creates a log configuration.
    public init(level: Logger.Level = .info, format: Format = .text) {
        self.level = level
        self.format = format
    }

    /// This configuration with what the environment says instead; values that mean nothing are passed over.
    public func overridden(by environment: [String: String]) -> Self {
        Self(
            level: environment["GANGLION_LOG_LEVEL"].flatMap { .init(rawValue: $0.lowercased()) } ?? self.level,
            format: environment["GANGLION_LOG_FORMAT"].flatMap { .init(rawValue: $0.lowercased()) } ?? self.format
        )
    }
}

extension LogConfiguration {
    init(_ section: ConfigurationSection) {
        self.init()
        self.level = section["level"]?.word(among: Logger.Level.allCases) ?? self.level
        self.format = section["format"]?.word(among: Format.allCases) ?? self.format
    }
}

extension ConfigurationValue {
    /// One word of a fixed list.
    func word<Word: RawRepresentable>(among words: [Word]) -> Word? where Word.RawValue == String {
        guard let text = self.string() else { return nil }
        guard let word = Word(rawValue: text) else {
            let hint = Spelling.nearest(to: text, among: words.map(\.rawValue)).map { ": did you mean `\($0)`?" }
            self.report("`\(text)` is none of \(words.map(\.rawValue).joined(separator: ", "))\(hint ?? "")")
            return nil
        }
        return word
    }
}
