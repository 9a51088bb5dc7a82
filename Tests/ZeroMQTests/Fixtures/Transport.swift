/// What a test runs its sockets over.
enum Transport: String, CaseIterable, Sendable {
    case ipc
    case tcp

    /// Where to bind; where to connect is the bound socket's last endpoint.
    func endpoint(in folder: TemporaryFolder) -> String {
        switch self {
        case .ipc: folder.endpoint()
        case .tcp: "tcp://127.0.0.1:*"
        }
    }
}
