internal import Foundation

/// Who holds a lease, as text: `<host>:<process>:<incarnation>`.
enum LeaseOwner {
    /// As the system says it, without asking a name server.
    private static let host: String = {
        var name = utsname()
        uname(&name)
        return withUnsafeBytes(of: &name.nodename) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }()

    static func make(incarnation: String) -> String {
        "\(Self.host):\(getpid()):\(incarnation)"
    }

    /// Whether the process is certain to have ended: it was on this machine, and there is no such process any more.
    ///
    /// Its lease then need not be waited for. Were this ever wrong, the epoch would still keep the old owner from committing.
    static func isGone(_ owner: String) -> Bool {
        let parts = owner.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == Self.host, let process = pid_t(parts[1]), process > 0
        else {
            return false
        }
        return kill(process, 0) != 0 && errno == ESRCH
    }
}
