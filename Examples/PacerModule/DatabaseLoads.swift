import ModuleSDK

/// How busy databases are, as far as the time that batches took can say.
///
/// A worker cuts a batch when its time is up, so one that took much longer than asked has waited for somebody else: for a lock, for the disk, for the
/// processor. Each such batch raises the load by one, each timely one lowers it by one.
struct DatabaseLoads {
    /// The highest load.
    static let loadMax = 6

    private let factor: Double
    private var asked: [BackgroundUpdateIdentity: Duration] = [:]
    /// Those that are not 0.
    private(set) var loads: [String: Int] = [:]

    init(_ configuration: PacerConfiguration.Busy) {
        self.factor = configuration.factor
    }

    func load(of database: String) -> Int { self.loads[database, default: 0] }

    /// Notes how long a batch is to take.
    mutating func begin(_ update: BackgroundUpdateIdentity, asked: Duration) {
        // How long a one-shot takes is nobody's to ask.
        guard !update.isOneShot else { return }
        self.asked[update] = asked
    }

    /// Notes how long it took.
    mutating func end(_ update: BackgroundUpdateIdentity, _ outcome: BackgroundUpdateOutcome) {
        // What leaves does not say again whether it is a one-shot; then it was never noted.
        guard let asked = self.asked.removeValue(forKey: update) else { return }
        switch outcome {
        case .progressed(_, let duration, _), .finished(_, let duration):
            self.note(isLate: duration > asked * self.factor, update.database)
        case .failed, .aborted, .lost:
            break
        }
    }

    private mutating func note(isLate: Bool, _ database: String) {
        let load = self.load(of: database) + (isLate ? 1 : -1)
        self.loads[database] = load > 0 ? min(load, Self.loadMax) : nil
    }
}
