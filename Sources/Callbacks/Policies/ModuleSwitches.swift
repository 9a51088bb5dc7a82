import MessageBus
import WireProtocol

/// Which modules an operator has taken out of everything, at once and until told otherwise.
struct ModuleSwitches {
    /// Who did it, and why.
    struct Disabling: Equatable {
        var by: String
        var reason: String
        var since: MonotonicTime
        /// For each callback how many calls there had been: what came since went past the module.
        var callsBefore: [Int]
    }

    private var disablings: [Disabling?]
    private(set) var isAnyDisabled = false

    init(moduleCount: Int) {
        self.disablings = Array(repeating: nil, count: moduleCount)
    }

    subscript(module: Int) -> Disabling? { self.disablings[module] }

    /// For each module whether it is disabled.
    var isDisabled: [Bool] { self.disablings.map { $0 != nil } }

    mutating func disable(_ module: Int, _ disabling: Disabling) {
        self.disablings[module] = disabling
        self.isAnyDisabled = true
    }

    mutating func enable(_ module: Int) {
        self.disablings[module] = nil
        self.isAnyDisabled = self.disablings.contains { $0 != nil }
    }
}
