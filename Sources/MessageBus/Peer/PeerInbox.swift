/// Work on its way from the socket to the one task that takes it.
///
/// Its bound is that of what is put in: the calls being worked on, or one step for each connection.
///
/// `@unchecked Sendable` because tasks hold on to it, but it is used on the poll loop's thread only.
final class PeerInbox<Work>: @unchecked Sendable {
    private var work: [Work] = []
    private var waiter: CheckedContinuation<Void, Never>?
    /// No more work is taken.
    private(set) var isFinished = false

    func append(_ work: Work) {
        guard !self.isFinished else { return }
        self.work.append(work)
        self.wake()
    }

    /// No more work comes; what is there is still handed out.
    func finish() {
        self.isFinished = true
        self.wake()
    }

    private func wake() {
        self.waiter?.resume()
        self.waiter = nil
    }

    /// The next work, as soon as there is some; empty when there will be none any more.
    func next() async -> [Work] {
        while self.work.isEmpty, !self.isFinished {
            precondition(self.waiter == nil, "An inbox has one taker.")
            // The continuation is kept at once, on this thread: nothing can be put in between.
            await withCheckedContinuation { self.waiter = $0 }
        }
        defer { self.work = [] }
        return self.work
    }
}
