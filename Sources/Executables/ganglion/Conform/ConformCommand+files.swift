import ArgumentParser
import Callbacks
import Conformance
import Foundation
import Recordings
import Supervision

// MARK: Catalogues and recordings

extension ConformCommand {
    /// The shipped catalogue with the author's own files.
    func readCatalogue() throws -> Catalogue {
        do {
            return try self.catalogue.reduce(Catalogue.synapse()) { catalogue, file in
                guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
                    throw CommandFailure.failed("--catalogue: \(file) cannot be read as a text file")
                }
                return try catalogue.adding(text, from: file)
            }
        } catch let error as CatalogueError {
            throw CommandFailure.failed(error.problems.map { "\($0)" }.joined(separator: "\n"))
        }
    }

    /// The first calls of each callback in the recording.
    func recordedCalls() throws -> [ConformanceSettings.Call] {
        guard let calls else { return [] }
        var file = try RecordingFile(calls)
        var counts: [String: Int] = [:]
        var recorded: [ConformanceSettings.Call] = []
        while let entry = try file.next() {
            switch entry {
            case .problem(let line, let error):
                throw CommandFailure.failed("\(calls), line \(line): is no call: \(error)")
            case .call(let call):
                let count = counts[call.name, default: 0]
                guard count < self.callsMax else { continue }
                counts[call.name] = count + 1
                recorded.append(.init(callback: call.name, arguments: call.arguments))
            }
        }
        return recorded
    }
}
