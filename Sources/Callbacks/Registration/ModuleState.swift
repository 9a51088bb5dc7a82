/// Where a module, or one replica of it, is in its life.
public enum ModuleState: String, CaseIterable, Sendable {
    /// In the operator's configuration and never seen.
    case configured
    /// Welcomed and building itself.
    case starting
    /// Registered and not ready for calls.
    case registered
    /// Takes calls.
    case ready
    /// Ready itself, and what it requires is not.
    case waiting
    /// Ready, and takes no calls for a reason of its own.
    case disabledItself = "disabled_itself"
    /// Silent for too long to be sent new calls.
    case unresponsive
    /// Finishes what it has and takes nothing new.
    case draining
    /// Said goodbye in order.
    case stopped
    /// Went away without a word.
    case lost
    /// Its hello or its manifest was refused.
    case refused
    /// It cannot use its configuration.
    case configurationError = "configuration_error"
    /// It could not start.
    case failed

    /// Of a module's replicas the one nearest to taking calls says what the module's state is.
    private static let nearestFirst: [ModuleState] = [
        .ready, .waiting, .disabledItself, .unresponsive, .draining, .registered, .starting, .refused,
    ]

    /// Whether a replica has said that it is ready, whatever keeps calls from it.
    var isReadyItself: Bool { self == .ready || self == .waiting || self == .disabledItself }

    static func combined(_ states: [ModuleState]) -> ModuleState? {
        Self.nearestFirst.first(where: states.contains) ?? states.first
    }
}
