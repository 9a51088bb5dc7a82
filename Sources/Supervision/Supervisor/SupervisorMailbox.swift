import Foundation
import Synchronization

/// How other threads reach the supervisor's thread, which sleeps in `poll`.
///
/// Bounded by nature: each child posts its end once, and the rest are a person's requests.
final class SupervisorMailbox: Sendable {
    enum Message: Sendable {
        case ended(String, pid_t)
        case event(SupervisorCore.Event)
    }

    private let messages = Mutex<[Message]>([])
    private let pipe: DescriptorPipe

    init() throws(SupervisionError) {
        guard let pipe = DescriptorPipe() else { throw .spawn("the supervisor", "pipe", errno: errno) }
        pipe.read.setNonBlocking()
        pipe.write.setNonBlocking()
        self.pipe = pipe
    }

    /// Readable when there is a message.
    var descriptor: Int32 { self.pipe.read.number }

    func post(_ message: Message) {
        self.messages.withLock { $0.append(message) }
        var byte: UInt8 = 1
        // A pipe that is full wakes the reader all the same.
        _ = write(self.pipe.write.number, &byte, 1)
    }

    func take() -> [Message] {
        var bytes: [UInt8] = []
        _ = self.pipe.read.drain(into: &bytes, max: .max)
        return self.messages.withLock { messages in
            defer { messages = [] }
            return messages
        }
    }
}
