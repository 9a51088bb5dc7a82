internal import WireProtocol

/// How the dispatcher that is played behaves.
struct Conduct: Hashable, Sendable {
    /// With what `HELLO` is refused; nil for a welcome.
    var helloRefusal: String?
    /// With what `REGISTER` is refused; nil when everything is granted.
    var registerRefusal: String?
    var answersPings = true
    /// Whether JSON bodies have members that the protocol does not know yet.
    var hasUnknownMembers = false
    /// Whether the welcome carries the configuration that the author says is wrong.
    var hasWrongConfiguration = false

    /// The longest body that the welcome allows.
    var bodySizeMax = WireLimits.defaultBodySize
    /// Whether the welcome names a cache service, which is not there.
    var namesAbsentCache = false

    /// Whether the welcome says that this side reads packs, to a module that has said so too.
    var readsPacks = false

    static let normal = Self()
}
