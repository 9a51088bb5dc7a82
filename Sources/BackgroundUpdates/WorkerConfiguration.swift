public import WireProtocol

/// What a worker works on.
public struct WorkerConfiguration: Sendable {
    public var databases: [UpdateDatabase]
    /// What holds without a controller.
    public var defaults = ControllerDefaults()

    public init(databases: [UpdateDatabase] = []) {
        self.databases = databases
    }
}

/// An SQLite database with its declared updates.
public struct UpdateDatabase: Sendable {
    public var name: String
    /// Absolute.
    public var path: String
    public var updates: [UpdateDeclaration]

    public init(name: String, path: String, updates: [UpdateDeclaration] = []) {
        self.name = name
        self.path = path
        self.updates = updates
    }
}

extension UpdateDatabase {
    /// Reads the declared updates of a database.
    ///
    /// - Parameters:
    ///   - name: The name of the database.
    ///   - path: Its file.
    ///   - updates: An object of declarations by the name of the update.
    /// - Throws: ``DeclarationProblems`` with everything that is wrong.
    public init(name: String, path: String, updates: JSONValue) throws(DeclarationProblems) {
        self.init(name: name, path: path)
        guard let object = updates.object else {
            throw DeclarationProblems([.init(path: "", message: "expected updates by name, found \(updates.kind)")])
        }
        var problems: [DeclarationProblems.Problem] = []
        for (update, json) in object {
            do throws(BackgroundUpdatesError) {
                self.updates.append(try UpdateDeclaration(name: update, json: json))
            } catch {
                problems.append(.init(path: update, message: error.message))
            }
        }
        guard problems.isEmpty else { throw DeclarationProblems(problems) }
    }
}

/// Everything that is wrong with the updates of one database.
public struct DeclarationProblems: Error, Hashable, Sendable, CustomStringConvertible {
    public struct Problem: Hashable, Sendable {
        /// The name of the update; empty for the whole.
        public var path: String
        public var message: String

        public init(path: String, message: String) {
            self.path = path
            self.message = message
        }
    }

    public let problems: [Problem]

    init(_ problems: [Problem]) {
        self.problems = problems
    }

    public var description: String {
        self.problems.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }.joined(separator: "\n")
    }
}
