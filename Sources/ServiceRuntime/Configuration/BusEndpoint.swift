/// A checked ZeroMQ endpoint.
struct BusEndpoint {
    /// The endpoint with its path absolute.
    let text: String

    /// `sockaddr_un` holds 108 bytes, one of which ends the text.
    static let socketPathBytesMax = 107

    /// - Returns: nil after reporting what is wrong.
    init?(_ value: ConfigurationValue, directory: String, insecureTCP: Bool) {
        guard let text = value.string() else { return nil }
        let problem: String?
        if text.hasPrefix("ipc://") {
            let path = FilePath.absolute(String(text.dropFirst("ipc://".count)), in: directory)
            self.text = "ipc://\(path)"
            problem = Self.problem(ipc: text, path: path)
        } else if text.hasPrefix("tcp://") {
            self.text = text
            problem = Self.problem(tcp: text.dropFirst("tcp://".count), insecureTCP: insecureTCP)
        } else {
            self.text = text
            problem = "`\(text)` is no endpoint of the bus: write ipc://PATH or tcp://HOST:PORT"
        }
        guard let problem else { return }
        value.report(problem)
        return nil
    }

    /// The endpoint to connect to on the machine where `endpoint` is bound.
    static func reachableLocally(_ endpoint: String) -> String {
        guard endpoint.hasPrefix("tcp://"), let colon = endpoint.lastIndex(of: ":") else { return endpoint }
        let host = endpoint[..<colon].dropFirst("tcp://".count)
        let local = ["*", "0.0.0.0"].contains(host) ? "127.0.0.1" : host == "[::]" ? "[::1]" : host
        return "tcp://\(local)\(endpoint[colon...])"
    }

    private static func problem(ipc text: String, path: String) -> String? {
        if text.hasPrefix("ipc://@") {
            return
                "an abstract socket can be entered by anybody on this machine: name a path, such as ipc://run/bus.sock"
        }
        if text == "ipc://" || text == "ipc://*" {
            return "the socket needs a path, such as ipc://run/bus.sock"
        }
        guard path.utf8.count > Self.socketPathBytesMax else { return nil }
        return "the socket's path \(path) is \(path.utf8.count) bytes long and the system allows "
            + "\(Self.socketPathBytesMax): name a shorter absolute path, or use a folder nearer to the root"
    }

    private static func problem(tcp address: Substring, insecureTCP: Bool) -> String? {
        guard HostAndPort(String(address)) != nil else {
            return "`tcp://\(address)` needs a host and a port from 1 to 65535: write tcp://HOST:PORT"
        }
        guard !insecureTCP else { return nil }
        return "tcp without keys is refused, and keys are not supported yet: use ipc, or set bus.insecure_tcp: true "
            + "where nobody else reaches the network (loopback, a closed container network)"
    }
}
