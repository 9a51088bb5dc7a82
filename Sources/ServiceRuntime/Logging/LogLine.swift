package import Logging

/// One log entry as text.
package struct LogLine {
    let time: LogTimestamp
    let level: Logger.Level
    let label: String
    let message: String
    /// Sorted by key, so that two entries of one kind read alike.
    let metadata: [(key: String, value: String)]

    /// An entry of this moment.
    package init(level: Logger.Level, label: String, message: String, metadata: [String: String]) {
        let sorted = metadata.map { (key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
        self.init(time: .now(), level: level, label: label, message: message, metadata: sorted)
    }

    init(
        time: LogTimestamp,
        level: Logger.Level,
        label: String,
        message: String,
        metadata: [(key: String, value: String)]
    ) {
        self.time = time
        self.level = level
        self.label = label
        self.message = message
        self.metadata = metadata
    }

    /// The entry with its line feed; no value in it can break the line in two.
    package func bytes(as format: LogConfiguration.Format) -> [UInt8] {
        switch format {
        case .text: Array(self.text.utf8)
        case .json: self.json
        }
    }

    private var text: String {
        var line = "\(self.time) \(self.level.rawValue) \(self.label) \(Self.oneLine(self.message))"
        for (key, value) in self.metadata {
            line += " \(key)=\(Self.quotedWhenNeeded(value))"
        }
        return line + "\n"
    }

    private var json: [UInt8] {
        var writer = JSONTextWriter()
        var separator = "{"
        let fixed = [
            ("time", self.time.description), ("level", self.level.rawValue), ("label", self.label),
            ("message", self.message),
        ]
        for (key, value) in fixed + self.metadata.map({ ($0.key, $0.value) }) {
            writer.write(raw: separator)
            writer.write(string: key)
            writer.write(raw: ":")
            writer.write(string: value)
            separator = ","
        }
        writer.write(raw: "}\n")
        return writer.bytes
    }

    /// Control characters would let a peer's bytes forge entries or drive a terminal.
    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return String(Self.quoted(text).dropFirst().dropLast())
    }

    private static func quotedWhenNeeded(_ text: String) -> String {
        let plain = text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control && !scalar.properties.isWhitespace && scalar != "\""
                && scalar != "="
        }
        return plain && !text.isEmpty ? text : Self.quoted(text)
    }

    private static func quoted(_ text: String) -> String {
        var writer = JSONTextWriter()
        writer.write(string: text)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
