public import WireProtocol

/// A process that extends a server: it serves web resources and answers callbacks.
///
/// A module says in its initialiser what it can do, and is called from then on:
///
/// ```swift
/// @main
/// struct Hello: Module {
///     init(configuration: NoConfiguration, api: ModuleAPI) {
///         api.registerWebResource("/_modules/hello/greet/{name}") { request in
///             .text("Hello, \(request.parameters["name"] ?? "you")!")
///         }
///     }
/// }
/// ```
///
/// Handlers run on the module's poll loop, one thread for all of them: they may `await`, and MUST NOT block. Those that have to block say
/// so when they are registered, and run on threads of their own.
public protocol Module: Sendable {
    /// What the operator's configuration becomes before the module sees it.
    associatedtype Configuration: Sendable

    /// The module's own version, shown to operators.
    static var version: String { get }

    /// Turns the operator's configuration into the module's.
    ///
    /// Where `Configuration` is `Decodable`, there is nothing to write: a key that is missing, wrong or unknown is reported at its path.
    ///
    /// - Throws: ``ConfigurationError`` for what the operator has to change.
    static func parseConfiguration(_ configuration: JSONValue) throws -> Configuration

    /// Builds the module and registers what it can do.
    ///
    /// Registration closes when the initialiser returns. When the operator's configuration changes while the process runs, the module is shut down and
    /// built again.
    init(configuration: Configuration, api: ModuleAPI) async throws

    /// Does what has to be done between registration and the first call.
    func start() async throws

    /// Lets go of what the module holds; there are no calls any more.
    func shutdown() async
}

extension Module {
    public static var version: String { "0.0.0" }
    public func start() async throws {}
    public func shutdown() async {}
}

extension Module where Configuration: Decodable {
    public static func parseConfiguration(_ configuration: JSONValue) throws -> Configuration {
        try ConfigurationDecoder.decode(Configuration.self, from: configuration)
    }
}

/// The configuration of a module that has nothing to configure.
public struct NoConfiguration: Decodable, Sendable {
    public init() {}
}
