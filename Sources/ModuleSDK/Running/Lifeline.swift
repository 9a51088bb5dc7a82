internal import Foundation
internal import ServiceLifecycle

/// Ends the process when its standard input ends.
///
/// Whoever started the module holds the other end; when that process is gone, however it died, the module does not outlive it.
struct Lifeline: Service {
    func run() async throws {
        let (ends, continuation) = AsyncStream.makeStream(of: Void.self)
        FileHandle.standardInput.readabilityHandler = { input in
            // No data to read is how a file handle says that there will be no more.
            if input.availableData.isEmpty { continuation.finish() }
        }
        defer { FileHandle.standardInput.readabilityHandler = nil }
        await cancelWhenGracefulShutdown {
            for await _ in ends {}
        }
    }
}
