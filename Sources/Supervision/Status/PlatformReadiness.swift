/// The answer of `GET /_ganglion/ready`.
public struct PlatformReadiness: Sendable, Hashable, Codable {
    /// Whether every configured module that is to run here serves.
    public var ready: Bool
    /// The routing table's epoch.
    public var epoch: UInt64?
    /// Ids of the modules that are missing.
    public var waitingFor: [String]

    enum CodingKeys: String, CodingKey {
        case ready
        case epoch
        case waitingFor = "waiting_for"
    }

    /// Creates an answer.
    public init(ready: Bool, epoch: UInt64? = nil, waitingFor: [String] = []) {
        self.ready = ready
        self.epoch = epoch
        self.waitingFor = waitingFor
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.ready = try container.decode(Bool.self, forKey: .ready)
        self.epoch = try container.decodeIfPresent(UInt64.self, forKey: .epoch)
        self.waitingFor = try container.decodeIfPresent([String].self, forKey: .waitingFor) ?? []
    }

    /// Whether there is anything left to wait for: modules that are set aside will not come, and modules that start
    /// elsewhere come in their own time.
    ///
    /// - Parameters:
    ///   - local: ids of the modules started here.
    ///   - settled: ids of modules that will not get any further by themselves.
    /// - Returns: true when waiting longer is of no use.
    public func isSettled(local: Set<String>, settled: Set<String>) -> Bool {
        // Without a routing table the gateway does not know yet whom it waits for.
        guard !self.ready, !self.waitingFor.isEmpty else { return self.ready }
        return self.waitingFor.allSatisfy { !local.contains($0) || settled.contains($0) }
    }
}
