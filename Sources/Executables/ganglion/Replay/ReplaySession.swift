import Recordings
import Supervision

/// One pass through a recording, with a bounded number of calls in flight.
struct ReplaySession {
    private typealias Ended = (call: RecordedCall, outcome: ReplayOutcome)

    private let send: @Sendable (RecordedCall) async -> ReplayOutcome
    private let concurrency: Int
    private let start = ContinuousClock.now
    private var recording: RecordingFile
    private var progress: ReplayProgress
    private var tally = ReplayTally()
    private var bytesDone = 0

    init(
        _ recording: RecordingFile,
        concurrency: Int,
        progress output: ProgressOutput,
        send: @escaping @Sendable (RecordedCall) async -> ReplayOutcome
    ) {
        self.send = send
        self.concurrency = concurrency
        self.recording = recording
        self.progress = ReplayProgress(output, bytesMax: recording.bytesMax)
    }

    /// Sends every call of the recording and returns what became of them.
    ///
    /// - Throws: ``CommandFailure`` when the recording cannot be read to its end.
    mutating func run() async throws -> (tally: ReplayTally, elapsed: Duration) {
        try await withThrowingTaskGroup(of: Ended.self) { group in
            var inFlight = 0
            while let call = try self.nextCall() {
                if inFlight == self.concurrency, let ended = try await group.next() {
                    self.record(ended)
                    inFlight -= 1
                }
                group.addTask { [send = self.send] in (call, await send(call)) }
                inFlight += 1
            }
            while let ended = try await group.next() { self.record(ended) }
        }
        StandardError.write(self.progress.ending(tally: self.tally))
        return (self.tally, .now - self.start)
    }

    /// The next call; bad lines on the way to it are counted.
    private mutating func nextCall() throws(CommandFailure) -> RecordedCall? {
        while let entry = try self.recording.next() {
            switch entry {
            case .call(let call): return call
            case .problem(let line, let error): self.tally.record(badLine: line, error)
            }
        }
        return nil
    }

    private mutating func record(_ ended: Ended) {
        self.tally.record(ended.outcome, of: ended.call)
        self.bytesDone += ended.call.lineBytes
        let elapsed = .now - self.start
        let text = self.progress.text(bytes: self.bytesDone, tally: self.tally, elapsed: elapsed)
        StandardError.write(text ?? "")
    }
}
