internal import CZeroMQ

/// An error that libzmq reported.
public struct ZeroMQError: Error, Hashable, Sendable {
    /// The `errno` value of a libzmq call.
    ///
    /// Usable as a pattern: `catch ZeroMQError.Code.hostUnreachable`.
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: CInt

        public init(rawValue: CInt) {
            self.rawValue = rawValue
        }
    }

    /// What went wrong.
    public let code: Code
    /// The libzmq function that failed, with the option it was about if there is one.
    public let call: String
    /// The endpoint the call was about, as far as it is known.
    public let endpoint: String?

    /// Captures the calling thread's last libzmq error.
    init(call: String, endpoint: String? = nil) {
        self.init(Code(rawValue: zmq_errno()), call: call, endpoint: endpoint)
    }

    init(_ code: Code, call: String, endpoint: String? = nil) {
        self.code = code
        self.call = call
        self.endpoint = endpoint
    }
}

extension ZeroMQError.Code {
    /// A ROUTER has no connection to the peer a message is for.
    public static let hostUnreachable = Self(rawValue: EHOSTUNREACH)
    /// The call would have had to wait.
    public static let wouldBlock = Self(rawValue: EAGAIN)
    /// The context was shut down.
    public static let terminated = Self(rawValue: ETERM)
    /// Another socket is bound to the endpoint.
    public static let addressInUse = Self(rawValue: EADDRINUSE)
    /// The endpoint names an address this machine does not have.
    public static let addressNotAvailable = Self(rawValue: EADDRNOTAVAIL)
    /// The endpoint names a network interface this machine does not have.
    public static let noSuchDevice = Self(rawValue: ENODEV)
    /// The socket was not bound or connected to the endpoint, or its folder does not exist.
    public static let notFound = Self(rawValue: ENOENT)
    /// An argument makes no sense, most often a malformed endpoint.
    public static let invalidArgument = Self(rawValue: EINVAL)
    /// The endpoint's transport is not known to libzmq.
    public static let protocolNotSupported = Self(rawValue: EPROTONOSUPPORT)
    /// The endpoint's transport does not go with the kind of socket.
    public static let incompatibleProtocol = Self(rawValue: ENOCOMPATPROTO)
    /// The process, or the context, has no room for another socket.
    public static let tooManyOpenSockets = Self(rawValue: EMFILE)
    /// The operating system does not allow it.
    public static let permissionDenied = Self(rawValue: EACCES)
    /// The path of an `ipc://` endpoint is longer than the operating system allows.
    public static let nameTooLong = Self(rawValue: ENAMETOOLONG)
    /// A socket in this state cannot do this.
    public static let wrongState = Self(rawValue: EFSM)
    /// The socket was closed.
    public static let notASocket = Self(rawValue: ENOTSOCK)
    /// A signal interrupted the call.
    public static let interrupted = Self(rawValue: EINTR)

    public static func ~= (code: Self, error: any Error) -> Bool {
        (error as? ZeroMQError)?.code == code
    }
}

extension ZeroMQError.Code: CustomStringConvertible {
    /// libzmq's own words for the error.
    public var description: String {
        String(cString: zmq_strerror(self.rawValue))
    }
}
