import Foundation
import Logging
import Testing

@testable import ServiceRuntime

struct LogLineTests {
    private func line(_ message: String, _ metadata: [(String, String)], _ format: LogConfiguration.Format) -> String {
        let line = LogLine(
            time: LogTimestamp(seconds: 1_795_310_781, milliseconds: 23),
            level: .info,
            label: "callback-dispatcher",
            message: message,
            metadata: metadata.map { (key: $0.0, value: $0.1) }
        )
        return String(decoding: line.bytes(as: format), as: UTF8.self)
    }

    @Test func anEntryIsOneLine() {
        let line = self.line("module registered", [("epoch", "7"), ("module", "link-guard")], .text)
        #expect(
            line == "2026-11-22T01:26:21.023Z info callback-dispatcher module registered epoch=7 module=link-guard\n"
        )
    }

    @Test func valuesThatWouldBlurTheLineAreQuoted() {
        let line = self.line("m", [("a", "two words"), ("b", ""), ("c", "x=\"y\""), ("d", "line\nbreak")], .text)
        #expect(line.hasSuffix(#"m a="two words" b="" c="x=\"y\"" d="line\nbreak""# + "\n"))
    }

    @Test func aMessageCannotForgeAnotherEntry() {
        let line = self.line("bad\n2026 info gateway fine \u{1B}[31m", [], .text)
        #expect(line.filter(\.isNewline).count == 1)
        #expect(!line.unicodeScalars.contains("\u{1B}"))
    }

    @Test func jsonEntriesAreObjects() throws {
        let line = self.line("say \"hi\"\n", [("path", "a\\b")], .json)
        let object = try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
        #expect(object["message"] == "say \"hi\"\n")
        #expect(object["path"] == "a\\b")
        #expect(object["level"] == "info")
        #expect(line.filter(\.isNewline).count == 1)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (951_782_400, "2000-02-29T00:00:00.000Z"),
        (951_868_800, "2000-03-01T00:00:00.000Z"), (1_735_689_599, "2024-12-31T23:59:59.000Z"),
        (4_107_542_400, "2100-03-01T00:00:00.000Z"),
    ])
    func timestampsAreCivilDates(_ seconds: Int, _ text: String) {
        #expect(LogTimestamp(seconds: seconds, milliseconds: 0).description == text)
    }

    @Test func theEnvironmentWinsOverTheFile() {
        let configuration = LogConfiguration(level: .error, format: .text)
        let both = ["GANGLION_LOG_LEVEL": "DEBUG", "GANGLION_LOG_FORMAT": "json"]
        #expect(configuration.overridden(by: both) == LogConfiguration(level: .debug, format: .json))
        #expect(configuration.overridden(by: ["GANGLION_LOG_LEVEL": "loud"]) == configuration)
    }

    @Test func aHandlerWritesWhereItIsTold() throws {
        let pipe = Pipe()
        let logger = Logger(label: "HTTP") { name in
            LineLogHandler(
                label: "gateway",
                logger: name,
                configuration: .init(level: .warning),
                descriptor: pipe.fileHandleForWriting.fileDescriptor
            )
        }
        logger.info("unheard")
        logger.warning("heard", metadata: ["n": "1"])
        try pipe.fileHandleForWriting.close()
        let text = String(decoding: try #require(try pipe.fileHandleForReading.readToEnd()), as: UTF8.self)
        #expect(text.hasSuffix(" warning gateway heard logger=HTTP n=1\n"))
        #expect(text.filter(\.isNewline).count == 1)
    }
}
