import Synchronization

/// Holds loads back until it is opened.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var passed = 0
        var loads: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    var passed: Int { self.state.withLock(\.passed) }

    func pass() async {
        await withCheckedContinuation { load in
            let (isOpen, watchers) = self.state.withLock { state in
                state.passed += 1
                if !state.isOpen { state.loads.append(load) }
                defer { state.watchers = [] }
                return (state.isOpen, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            if isOpen { load.resume() }
        }
    }

    /// Waits until a load is held back.
    func waitForOne() async {
        await withCheckedContinuation { watcher in
            let isThere = self.state.withLock { state in
                if state.passed == 0 { state.watchers.append(watcher) }
                return state.passed > 0
            }
            if isThere { watcher.resume() }
        }
    }

    func open() {
        let loads = self.state.withLock { state in
            state.isOpen = true
            defer { state.loads = [] }
            return state.loads
        }
        for load in loads { load.resume() }
    }
}
