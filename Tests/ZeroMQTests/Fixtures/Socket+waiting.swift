@testable import ZeroMQ

/// What a test waited for did not come.
struct TimedOut: Error {}

/// The longest that a test waits for something that should take milliseconds.
let patience = Duration.seconds(20)

extension Socket {
    /// Receives a whole message, and waits for it on the calling thread.
    borrowing func awaitMessage(within time: Duration = patience) throws -> [[UInt8]] {
        var message = Message()
        try self.awaitFrame(into: &message, within: time)
        var frames = [[UInt8](message)]
        while message.hasMore {
            guard try self.receive(into: &message) else { throw TimedOut() }
            frames.append([UInt8](message))
        }
        return frames
    }

    /// Receives a frame, and waits for it on the calling thread.
    borrowing func awaitFrame(into message: inout Message, within time: Duration = patience) throws {
        let deadline = ContinuousClock.now + time
        while try !self.receive(into: &message) {
            try self.await(.readable, until: deadline)
        }
    }

    /// Sends a whole message, and waits for room on the calling thread.
    borrowing func deliver(_ frames: [[UInt8]], within time: Duration = patience) throws {
        let deadline = ContinuousClock.now + time
        for (index, frame) in frames.enumerated() {
            var message = Message(frame)
            while try !self.send(&message, more: index < frames.count - 1) {
                try self.await(.writable, until: deadline)
            }
        }
    }

    private borrowing func await(_ readiness: PollWait.Readiness, until deadline: ContinuousClock.Instant) throws {
        let left = deadline - .now
        guard left > .zero else { throw TimedOut() }
        let signal = WakeUpSignal()
        var wait = PollWait(wakeUp: signal)
        wait.add(self, readiness)
        wait.wake(within: left)
        _ = try wait.sleep()
    }
}

extension MonitorSocket {
    /// Reads events up to the first that `isWanted`, and waits for it on the calling thread.
    @discardableResult
    borrowing func awaitEvent(
        within time: Duration = patience,
        where isWanted: (SocketEvent.Kind) -> Bool
    ) throws -> SocketEvent {
        let deadline = ContinuousClock.now + time
        let signal = WakeUpSignal()
        while true {
            while let event = try self.next() {
                if isWanted(event.kind) { return event }
            }
            let left = deadline - .now
            guard left > .zero else { throw TimedOut() }
            var wait = PollWait(wakeUp: signal)
            wait.add(self)
            wait.wake(within: left)
            _ = try wait.sleep()
        }
    }
}

extension Socket {
    /// The error that sending ends in, if it does.
    borrowing func failureOfSending(_ message: inout Message, more: Bool = false) -> ZeroMQError? {
        do {
            _ = try self.send(&message, more: more)
            return nil
        } catch {
            return error
        }
    }

    /// The error that receiving ends in, if it does.
    borrowing func failureOfReceiving() -> ZeroMQError? {
        var message = Message()
        do {
            _ = try self.receive(into: &message)
            return nil
        } catch {
            return error
        }
    }
}
