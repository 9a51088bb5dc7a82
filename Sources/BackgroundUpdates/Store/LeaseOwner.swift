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
        guard let place = Self.place(of: owner), place.host == Self.host else { return false }
        return kill(place.process, 0) != 0 && errno == ESRCH
    }

    /// Whether a process had the machine and the number that another one has now, so that it must have ended before.
    ///
    /// In a container that is started again that is the rule. Two containers that were given one name are two machines with numbers of their
    /// own, though, so whoever goes by this does so once and not again and again.
    static func isPredecessor(_ owner: String, of successor: String) -> Bool {
        guard owner != successor, let place = Self.place(of: owner), let own = Self.place(of: successor) else {
            return false
        }
        return place == own
    }

    private static func place(of owner: String) -> (host: Substring, process: pid_t)? {
        let parts = owner.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let process = pid_t(parts[1]), process > 0 else { return nil }
        return (parts[0], process)
    }
}
