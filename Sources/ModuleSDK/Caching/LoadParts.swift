internal import Caching
internal import Synchronization

/// Collects what the value that is being loaded in this task depends on.
final class LoadParts: Sendable {
    /// The load that this task works for.
    @TaskLocal static var current: LoadParts?

    private let mark: Mutex<LoadMark>

    init(tags: [String]) {
        self.mark = Mutex(LoadMark(tags: tags))
    }

    var snapshot: LoadMark { self.mark.withLock { $0 } }

    func note(tags: some Sequence<String>, ceiling: SequenceNumber?) {
        self.mark.withLock { $0.note(tags: tags, ceiling: ceiling) }
    }
}
