import Foundation
import Supervision

/// Where commands show how far they are, so that stdout has their results and nothing else.
enum StandardError {
    static var output: ProgressOutput { self.isTerminal ? .terminal : .plain }
    static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
