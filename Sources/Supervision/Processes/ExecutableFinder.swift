import Foundation
import ServiceRuntime

/// Finds the executables that a configuration names.
public struct ExecutableFinder: Sendable, Hashable {
    /// The folders to look in, in order.
    public let folders: [String]
    /// The folder that a path with a slash is relative to.
    public let directory: String

    /// A finder for the `run` of modules: the configuration's folder, the folder of the platform's executables, `PATH`.
    public init(directory: String, services: String, environment: [String: String]) {
        let path = (environment["PATH"] ?? "").split(separator: ":").map(String.init)
        self.directory = directory
        self.folders = [directory, services] + path
    }

    /// A finder for the platform's own executables, which come from one folder only.
    public init(services: String) {
        self.directory = services
        self.folders = [services]
    }

    /// The absolute path of an executable, or nil when there is none of that name.
    public func find(_ name: String) -> String? {
        let candidates =
            name.contains("/")
            ? [FilePath.absolute(name, in: self.directory)] : self.folders.map { FilePath.absolute(name, in: $0) }
        return candidates.first(where: Self.isExecutable)
    }

    private static func isExecutable(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
            && FileManager.default.isExecutableFile(atPath: path)
    }
}
