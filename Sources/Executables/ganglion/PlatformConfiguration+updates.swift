import BackgroundUpdates
import ServiceRuntime
import WireProtocol

extension PlatformConfiguration {
    /// What is wrong with the declared background updates, so that a person hears of it before anything starts.
    ///
    /// The worker checks the same again, and against the database, when it takes an update up.
    var updateProblems: [ConfigurationProblem] {
        self.databases.keys.sorted().flatMap { database in
            self.updates[database].map { self.problems(in: $0, of: database) } ?? []
        }
    }

    private func problems(in json: [UInt8], of name: String) -> [ConfigurationProblem] {
        let path = "databases.\(name).updates"
        guard let value = try? JSONValue(parsing: Payload(json)) else {
            return [self.problem(at: path, "cannot be read as JSON")]
        }
        do throws(DeclarationProblems) {
            let database = try UpdateDatabase(name: name, path: "", updates: value)
            return database.updates.compactMap { self.problem(of: $0, at: path) }
        } catch {
            return error.problems.map {
                self.problem(at: $0.path.isEmpty ? path : "\(path).\($0.path)", $0.message)
            }
        }
    }

    /// A module that nobody configures is never let onto the bus, so its update would wait for ever.
    private func problem(of update: UpdateDeclaration, at path: String) -> ConfigurationProblem? {
        guard let module = update.module, !self.modules.contains(where: { $0.id == module }) else { return nil }
        return self.problem(at: "\(path).\(update.name).rows.module", "`\(module)` is not under `modules`")
    }
}
