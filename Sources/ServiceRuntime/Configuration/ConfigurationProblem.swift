/// A place in a configuration file.
public struct ConfigurationLocation: Sendable, Hashable {
    /// Line, from 1.
    public let line: Int
    /// Column, from 1, counted in Unicode scalars.
    public let column: Int

    /// Creates a location.
    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// One thing that is wrong, or doubtful, in a configuration file, with the place that a person has to look at.
public struct ConfigurationProblem: Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named by whoever asked for it.
    public let file: String
    /// Where in the file, when the problem has a place.
    public let location: ConfigurationLocation?
    /// The key it is about, such as `modules[2].config.url`; empty for the file as a whole.
    public let keyPath: String
    /// What is wrong and what would be right.
    public let message: String

    /// Creates a problem.
    public init(file: String, location: ConfigurationLocation?, keyPath: String, message: String) {
        self.file = file
        self.location = location
        self.keyPath = keyPath
        self.message = message
    }

    /// `ganglion.yaml:14:9: modules[1].run: expected a list of strings, found a number`.
    public var description: String {
        var text = self.file
        if let location {
            text += ":\(location.line):\(location.column)"
        }
        if !self.keyPath.isEmpty {
            text += ": \(self.keyPath)"
        }
        return "\(text): \(self.message)"
    }
}
