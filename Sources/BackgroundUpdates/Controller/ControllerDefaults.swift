/// What holds without a controller, and where a controller cannot be heard or understood.
public struct ControllerDefaults: Hashable, Sendable {
    /// The original's: 100 ms of work, then 1000 ms of sleep.
    public var target = Duration.milliseconds(100)
    public var sleep = Duration.milliseconds(1000)
    public var firstSize = 100
    public var minimumSize = 1
    /// How long a controller may be silent.
    public var silenceMax = Duration.seconds(2)

    public init() {}
}
