extension ZeroMQError: CustomStringConvertible {
    /// What failed, where, and what to do about it.
    public var description: String {
        let place = self.endpoint.map { " on \($0)" } ?? ""
        let advice = self.advice.map { " \($0)" } ?? ""
        return "\(self.call)\(place) failed: \(self.code).\(advice)"
    }

    private var advice: String? {
        switch self.code {
        case .hostUnreachable:
            "The peer is not connected (any more): treat it as lost."
        case .wouldBlock:
            "The socket's queue is full: try again when it is writable."
        case .terminated:
            "The context was shut down: close the socket."
        case .notASocket:
            "The socket was closed before: this is a mistake in the program."
        case .addressInUse:
            "Another process listens there: stop it, or choose another endpoint."
        case .addressNotAvailable, .noSuchDevice:
            "This machine has no such address: use one it has, 127.0.0.1 or *."
        case .notFound:
            "Nothing is bound or connected there; for ipc, its folder must exist."
        case .invalidArgument:
            "Write endpoints as ipc://path/to.sock, tcp://host:port or inproc://name."
        case .protocolNotSupported, .incompatibleProtocol:
            "Use ipc://, tcp:// or inproc://."
        case .tooManyOpenSockets:
            "Raise the limit of open files (ulimit -n)."
        case .permissionDenied:
            "Check who may write to the socket's folder; ports below 1024 need privileges."
        case .nameTooLong:
            "Shorten the path of the ipc socket to less than 108 bytes, for example by a relative path."
        default:
            nil
        }
    }
}
