/// What `ganglion.yaml` says: the whole platform, checked, with every relative path resolved.
///
/// Paths in the file are relative to the folder that the file is in; here they are absolute.
///
/// | key | meaning | default |
/// | --- | --- | --- |
/// | `bus` | how modules and services meet, ``Bus-swift.struct`` | ipc in `run/` |
/// | `gateway` | the HTTP side, ``Gateway-swift.struct`` | `127.0.0.1:8008` |
/// | `callbacks` | catalogue and budget of chains, ``Callbacks-swift.struct`` | |
/// | `cache` | the cache service, ``Cache-swift.struct`` | ipc in `run/` |
/// | `background_updates` | who works the updates of databases, ``BackgroundUpdates-swift.struct`` | one worker |
/// | `databases` | name → `{ sqlite: path, updates: … }`, ``Database`` | none |
/// | `modules` | the modules in the order in which they are asked, ``Module`` | none |
/// | `log` | level and format, ``LogConfiguration`` | `info`, `text` |
public struct PlatformConfiguration: Sendable, Hashable {
    /// The file it came from, absolute.
    public let file: String
    /// The folder that relative paths are relative to, absolute.
    public let directory: String

    public var bus: Bus
    public var gateway: Gateway
    public var callbacks: Callbacks
    public var cache: Cache
    public var backgroundUpdates: BackgroundUpdates
    /// Databases by name.
    public var databases: [String: Database]
    /// The background updates of databases by the database's name, as JSON text; whoever runs them checks them.
    public var updates: [String: [UInt8]]
    /// The modules in the order that decides who is asked first and who wins a conflict.
    public var modules: [Module]
    public var log: LogConfiguration

    /// What is allowed and yet worth a warning when a service starts.
    public internal(set) var warnings: [ConfigurationProblem] = []
    var locations: [String: ConfigurationLocation] = [:]

    /// The configuration that an empty file has.
    ///
    /// - Parameter file: absolute path of the file that it stands for; nothing is read.
    public init(emptyFile file: String) {
        self.file = file
        self.directory = FilePath.folder(of: file)
        self.bus = Bus(directory: self.directory)
        self.gateway = Gateway(directory: self.directory)
        self.callbacks = Callbacks()
        self.cache = Cache(directory: self.directory)
        self.backgroundUpdates = BackgroundUpdates()
        self.databases = [:]
        self.updates = [:]
        self.modules = []
        self.log = LogConfiguration()
    }

    /// The line of a value: of its own, or of the nearest value around it that the file has.
    ///
    /// - Parameter keyPath: a path as errors write it, `modules[1].config.blocklist[2]`.
    /// - Returns: the line from 1, or nil when nothing on that path stands in the file.
    public func line(of keyPath: String) -> Int? {
        self.location(of: keyPath)?.line
    }

    /// The place of a value, by the rule of ``line(of:)``.
    public func location(of keyPath: String) -> ConfigurationLocation? {
        var path: Substring? = keyPath[...]
        while let candidate = path {
            if let location = self.locations[String(candidate)] {
                return location
            }
            path = KeyPath.parent(of: candidate)
        }
        return nil
    }

    /// A problem that a module found in its own part of the file, with its place.
    public func problem(at keyPath: String, _ message: String) -> ConfigurationProblem {
        .init(file: self.file, location: self.location(of: keyPath), keyPath: keyPath, message: message)
    }
}
