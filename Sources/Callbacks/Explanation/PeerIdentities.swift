/// The versions and incarnations of modules' processes, each under a number that fits into a ``StepRecord``.
///
/// The numbers go up from 1 and the oldest identities make way for the newest, so a module that restarts all day takes no more room than
/// ``countMax``. Whoever is still connected is to be looked for among the peers when its identity has gone from here.
struct PeerIdentities {
    struct Identity: Equatable {
        var version: String
        var incarnation: String
    }

    static let countMax = 4096

    private var ring: [Identity] = []
    private var count = 0

    /// Notes an identity.
    ///
    /// - Returns: Its number.
    mutating func add(_ identity: Identity) -> UInt32 {
        if self.ring.count < Self.countMax {
            self.ring.append(identity)
        } else {
            self.ring[self.count % Self.countMax] = identity
        }
        self.count += 1
        return UInt32(truncatingIfNeeded: self.count)
    }

    subscript(number: UInt32) -> Identity? {
        let index = Int(number) - 1
        guard index >= 0, index < self.count, index >= self.count - Self.countMax else { return nil }
        return self.ring[index % Self.countMax]
    }
}
