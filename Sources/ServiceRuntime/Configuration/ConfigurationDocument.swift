/// What is learnt while one file is decoded: every problem, and where every value stands.
///
/// A class because all values of a file report into the same one; it lives on one thread for the length of one decoding.
final class ConfigurationDocument {
    /// More than a person reads; a file that is wrong as a whole must not fill the screen.
    static let problemsMax = 200

    let file: String
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var locations: [String: ConfigurationLocation] = [:]

    init(file: String) {
        self.file = file
    }

    func note(_ location: ConfigurationLocation?, of keyPath: String) {
        self.locations[keyPath] = location
    }

    func report(_ message: String, at keyPath: String, location: ConfigurationLocation?) {
        guard self.problems.count < Self.problemsMax else { return }
        self.problems.append(.init(file: self.file, location: location, keyPath: keyPath, message: message))
    }
}
