/// Work on its way from the socket to the tasks that do it, all on the poll loop's thread.
///
/// Its bound is that of the calls in flight: everything in it counts as one.
struct PeerInbox<Work> {
    private var work: [Work] = []
    private var waiter: CheckedContinuation<Void, Never>?
    private var isFinished = false

    mutating func append(_ work: Work) {
        guard !self.isFinished else { return }
        self.work.append(work)
        self.wake()
    }

    /// No more work comes; what is there is still handed out.
    mutating func finish() {
        self.isFinished = true
        self.wake()
    }

    private mutating func wake() {
        self.waiter?.resume()
        self.waiter = nil
    }

    /// Takes all the work there is; `nil` when the taker has to wait.
    mutating func take() -> [Work]? {
        guard self.work.isEmpty else {
            defer { self.work = [] }
            return self.work
        }
        return self.isFinished ? [] : nil
    }

    mutating func wait(_ waiter: CheckedContinuation<Void, Never>) {
        precondition(self.waiter == nil, "An inbox has one taker.")
        self.waiter = waiter
    }
}
