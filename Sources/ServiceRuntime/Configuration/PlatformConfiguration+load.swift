import Foundation
import Yams

extension PlatformConfiguration {
    /// Larger than any file that a person keeps by hand.
    static let fileBytesMax = 1 << 20

    /// Reads and checks a file as a whole.
    ///
    /// - Parameter file: path of the file, relative to the current folder or absolute.
    /// - Throws: ``ConfigurationError`` with every problem of the file, in the file's order.
    public init(contentsOf file: String) throws(ConfigurationError) {
        let path = FilePath.absolute(file, in: FileManager.default.currentDirectoryPath)
        guard FileManager.default.fileExists(atPath: path) else { throw .missing(file) }
        guard let handle = FileHandle(forReadingAtPath: path),
            let data = try? handle.read(upToCount: Self.fileBytesMax + 1)
        else {
            throw .unreadable(file, reason: "cannot be read: see that it is a file and that its permissions let you")
        }
        guard data.count <= Self.fileBytesMax else {
            throw .unreadable(file, reason: "is larger than \(Self.fileBytesMax) bytes")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw .unreadable(file, reason: "is not UTF-8 text")
        }
        try self.init(yaml: text, file: path, shownAs: file)
    }

    /// Checks the text of a file as a whole.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: absolute path that relative paths are resolved against; it is not read.
    ///   - shownAs: how problems name the file; its absolute path when left out.
    /// - Throws: ``ConfigurationError`` with every problem of the text, in the text's order.
    public init(yaml: String, file: String, shownAs: String? = nil) throws(ConfigurationError) {
        let document = ConfigurationDocument(file: shownAs ?? file)
        self.init(emptyFile: file)
        if let root = document.compose(yaml) {
            self.decode(root)
        }
        self.locations = document.locations
        guard document.problems.isEmpty else {
            throw ConfigurationError(.invalid, problems: document.problemsInFileOrder)
        }
    }

    private mutating func decode(_ root: ConfigurationValue) {
        guard !root.isNull else { return }
        let directory = self.directory
        let decoded: Self? = root.section { section in
            var result = self
            result.bus = section["bus"]?.section { Bus($0, directory: directory) } ?? self.bus
            result.gateway = section["gateway"]?.section { Gateway($0, directory: directory) } ?? self.gateway
            result.callbacks = section["callbacks"]?.section { Callbacks($0, directory: directory) } ?? self.callbacks
            let insecureTCP = result.bus.insecureTCP
            result.cache =
                section["cache"]?.section { Cache($0, directory: directory, insecureTCP: insecureTCP) } ?? self.cache
            result.backgroundUpdates =
                section["background_updates"]?.section { BackgroundUpdates($0) } ?? self.backgroundUpdates
            if let databases = section["databases"] { result.decode(databases: databases) }
            result.modules =
                section["modules"].flatMap { Self.modules($0, databases: Set(result.databases.keys)) } ?? []
            result.log = section["log"]?.section { LogConfiguration($0) } ?? self.log
            result.warnings = result.bus.warnings(of: section["bus"])
            return result
        }
        self = decoded ?? self
    }

    private mutating func decode(databases: ConfigurationValue) {
        for (name, value) in databases.entries() ?? [] {
            let decoded = value.section { section in
                (database: Database(section, directory: self.directory), updates: section["updates"]?.json())
            }
            self.databases[name] = decoded?.database
            self.updates[name] = decoded?.updates
        }
    }

    private static func modules(_ value: ConfigurationValue, databases: Set<String>) -> [Module]? {
        guard let elements = value.list(of: "modules") else { return nil }
        var lines: [String: Int] = [:]
        return elements.enumerated().compactMap { index, element in
            guard let module = element.section({ Module($0, position: index + 1) }) ?? nil else { return nil }
            element.reportUnknownDatabases(of: module, known: databases)
            if let line = lines[module.id] {
                element.report(
                    "`\(module.id)` already stands in line \(line): use `instances` to start it several times"
                )
            }
            lines[module.id] = lines[module.id] ?? element.location?.line
            return module
        }
    }
}

extension ConfigurationValue {
    fileprivate func reportUnknownDatabases(of module: PlatformConfiguration.Module, known: Set<String>) {
        for name in module.allow.databases where !known.contains(name) {
            let hint = Spelling.nearest(to: name, among: known).map { ": did you mean `\($0)`?" }
            let path = "\(self.keyPath).allow.databases"
            let location = self.document.locations[path] ?? self.location
            self.document.report("`\(name)` is not under `databases`\(hint ?? "")", at: path, location: location)
        }
    }
}

extension PlatformConfiguration.Bus {
    fileprivate func warnings(of value: ConfigurationValue?) -> [ConfigurationProblem] {
        guard let value, self.insecureTCP, (self.listen + [self.connect]).contains(where: { $0.hasPrefix("tcp://") })
        else {
            return []
        }
        let message = "tcp without keys: whoever reaches the port can register as any module and read every message"
        return [
            .init(file: value.document.file, location: value.location, keyPath: "bus.insecure_tcp", message: message)
        ]
    }
}
