public import Callbacks
internal import Foundation
public import ServiceRuntime

extension PlatformConfiguration {
    /// The shipped catalogue with the operator's own files in the order in which they are named.
    ///
    /// - Throws: ``ConfigurationError`` with everything that is wrong with the first file that cannot be used, at its lines and keys.
    public func catalogue() throws(ConfigurationError) -> Catalogue {
        var catalogue = try Self.shipped()
        for (index, file) in self.callbacks.catalogues.enumerated() {
            guard let text = try? String(contentsOf: URL(filePath: file), encoding: .utf8) else {
                let message = "\(file) cannot be read as a text file"
                throw ConfigurationError(.unreadable, problems: [self.problem(ofCatalogue: index, message)])
            }
            do throws(CatalogueError) {
                catalogue = try catalogue.adding(text, from: file)
            } catch {
                throw Self.invalid(error)
            }
        }
        return catalogue
    }

    private static func shipped() throws(ConfigurationError) -> Catalogue {
        do throws(CatalogueError) {
            return try Catalogue.synapse()
        } catch {
            throw Self.invalid(error)
        }
    }

    private static func invalid(_ error: CatalogueError) -> ConfigurationError {
        ConfigurationError(.invalid, problems: error.problems.map(Self.problem))
    }

    /// At the file's name, whether it stands alone or in a list.
    private func problem(ofCatalogue index: Int, _ message: String) -> ConfigurationProblem {
        let path = "callbacks.catalogue"
        return self.problem(at: self.callbacks.catalogues.count == 1 ? path : "\(path)[\(index)]", message)
    }

    private static func problem(_ problem: CatalogueError.Problem) -> ConfigurationProblem {
        let location = problem.line.map { ConfigurationLocation(line: $0, column: 1) }
        return .init(file: problem.file, location: location, keyPath: problem.keyPath, message: problem.message)
    }
}
