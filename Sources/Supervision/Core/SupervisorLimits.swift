/// The times and counts that the supervisor goes by.
public struct SupervisorLimits: Sendable, Hashable {
    /// Wait before the first restart; doubled with each further one.
    public var backoffMin = Duration.milliseconds(100)
    /// The longest wait before a restart.
    public var backoffMax = Duration.seconds(5)
    /// A process that ran so long is healthy: its back-off starts anew.
    public var healthyAfter = Duration.seconds(10)
    /// So many failures within ``failureWindow`` set a process aside.
    public var failuresMax = 5
    /// How long a failure counts.
    public var failureWindow = Duration.seconds(30)
    /// From the start of stopping: when each stage at the latest is asked to end.
    public var stopStageStarts: [Duration] = [.zero, .milliseconds(750), .milliseconds(2000)]
    /// From the start of stopping: when whatever is left is killed.
    public var grace = Duration.seconds(3)

    /// The limits of the platform.
    public init() {}
}
