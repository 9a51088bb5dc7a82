import Foundation
import Testing

@testable import Supervision

struct ProcessOutputTests {
    /// What arrives at the reading end once it is read from.
    private func flush(_ mirror: inout LogMirror, into reader: borrowing Descriptor) -> [UInt8] {
        var bytes: [UInt8] = []
        repeat {
            mirror.flush()
            _ = reader.drain(into: &bytes, max: .max)
        } while mirror.isPending
        return bytes
    }

    @Test func labelsShareOneWidth() {
        let style = LabelStyle(names: ["gateway", "a"], coloured: false)
        #expect(style.prefix(of: "gateway") == "gateway | ")
        #expect(style.prefix(of: "a") == "a       | ")
    }

    @Test func labelsHaveColoursOfTheirOwn() {
        let style = LabelStyle(names: ["gateway", "a"], coloured: true)
        #expect(style.prefix(of: "gateway") == "\u{1B}[36mgateway |\u{1B}[0m ")
        #expect(style.prefix(of: "a") == "\u{1B}[32ma       |\u{1B}[0m ")
    }

    @Test func aReaderThatStandsStillCostsLinesAndNotTheSupervisor() throws {
        guard let pipe = DescriptorPipe() else {
            Issue.record("there is no pipe to be had")
            return
        }
        pipe.read.setNonBlocking()
        var mirror = LogMirror(descriptor: pipe.write.number, style: LabelStyle(names: ["a"], coloured: false))
        let line = [UInt8](repeating: UInt8(ascii: "x"), count: 1000)
        for _ in 0..<3000 {
            mirror.show(line, of: "a")
            mirror.flush()
        }
        var bytes = self.flush(&mirror, into: pipe.read)
        mirror.show(Array("the end".utf8), of: "a")
        bytes += self.flush(&mirror, into: pipe.read)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        #expect(lines.last == "a | the end")
        #expect(lines.contains { $0.contains("lines not shown; run/log has them") })
        #expect(lines.count < 3000)
        #expect(lines.dropLast(2).allSatisfy { $0.count == 1004 })
    }

    @Test func aLogFileIsBounded() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/a.log"
        var log = RotatingLogFile(path: path, bytesMax: 100)
        for number in 100..<130 { log.append(Array("line \(number)".utf8)) }
        let current = try String(contentsOfFile: path, encoding: .utf8)
        let former = try String(contentsOfFile: "\(path).1", encoding: .utf8)
        #expect(current.utf8.count <= 100 && former.utf8.count <= 100)
        #expect((former + current).hasSuffix("line 128\nline 129\n"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 2)
    }
}
