import Callbacks
import WireProtocol

/// What the operator has decided, as whoever checks the dispatcher needs it.
struct Terms {
    var modules: [String]
    /// The most calls of one peer, each way.
    var inFlightMax: Int
    /// The most calls that wait in one line or lane.
    var queueMax: Int
    var circuit: VirtualCircuit.Limits
    /// How many of a hundred calls may be made again.
    var retryPercent: Int
    /// The modules that are asked beside the chains, by their places.
    var shadows: Set<Int>
    /// The callbacks that are not decided without their modules, with those that have to be there.
    var required: [Int: [Int]]
    /// How long a dispatcher that has just started waits for modules that have not registered yet.
    var settleMilliseconds: UInt32
    var policies: VirtualPolicies

    init(_ settings: Settings) {
        self.modules = (0..<settings.modules).map { "m\($0)" }
        self.inFlightMax = settings.inFlightMax
        self.queueMax = settings.queueMax
        self.circuit = .init(failures: settings.circuitFailures, pause: .milliseconds(settings.circuitPause))
        self.retryPercent = settings.retryPercent
        self.shadows = settings.shadow.map { [$0] } ?? []
        self.required = Dictionary(
            uniqueKeysWithValues: VirtualCallback.all.indices.filter { VirtualCallback.all[$0].isRequired }.map {
                ($0, [])
            }
        )
        if settings.requiresFirst, let index = VirtualCallback.all.firstIndex(where: { $0.name == "names" }) {
            self.required[index] = [0]
        }
        self.settleMilliseconds = settings.settle
        self.policies = VirtualPolicies(settings.overrides, required: Set(self.required.keys))
    }
}
