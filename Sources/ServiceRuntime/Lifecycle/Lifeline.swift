import Foundation
public import ServiceLifecycle

/// Ends the process when whoever started it is gone.
///
/// A supervisor holds the writing end of its child's standard input and never writes. However the supervisor ends, even by
/// `kill -9`, the system closes that end, the child reads end of file, and this service returns: the group that it runs in
/// then shuts down gracefully.
public struct Lifeline: Service {
    /// The variable that says that standard input is a lifeline: `GANGLION_LIFELINE=stdin`.
    public static let variable = "GANGLION_LIFELINE"

    private let descriptor: Int32

    /// The lifeline that the environment asks for, or nil.
    public init?(environment: [String: String]) {
        guard environment[Self.variable] == "stdin" else { return nil }
        self.init(descriptor: STDIN_FILENO)
    }

    /// A lifeline on the reading end of a pipe.
    public init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Returns at the end of file or when the group shuts down.
    public func run() async {
        let (ended, continuation) = AsyncStream<Void>.makeStream()
        let descriptor = self.descriptor
        // A read that waits for the supervisor's end must not occupy a thread of the task pool.
        Thread.detachNewThread {
            Self.readToEnd(descriptor)
            continuation.finish()
        }
        for await _ in ended.cancelOnGracefulShutdown() {}
    }

    private static func readToEnd(_ descriptor: Int32) {
        var byte: UInt8 = 0
        while true {
            let count = read(descriptor, &byte, 1)
            guard count > 0 || (count < 0 && errno == EINTR) else { return }
        }
    }
}
