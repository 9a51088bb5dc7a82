public import Hummingbird
internal import Logging

/// What a request brings besides itself.
public struct GatewayRequestContext: InitializableFromSource {
    let logger: Logger

    /// Takes what the server knows about the request.
    public init(source: ApplicationRequestContextSource) {
        self.logger = source.logger
    }

    /// The client's address as `HOST:PORT`; `nil` where there is no connection.
    var remote: String? {
        ClientConnection.remote
    }
}
