/// One row of the table `background_updates`: an update that is not done.
public struct PendingUpdate: Hashable, Sendable {
    public var name: String
    /// What the update's handler keeps between batches, as JSON text.
    public var progress: String
    /// The update that has to be done before this one.
    public var dependsOn: String?
    public var ordering: Int64

    public init(name: String, progress: String = "{}", dependsOn: String? = nil, ordering: Int64 = 0) {
        self.name = name
        self.progress = progress
        self.dependsOn = dependsOn
        self.ordering = ordering
    }
}
