import MessageBus
import WireProtocol

// MARK: Calls that do not concern a module

extension DispatcherCore {
    /// Finds out which members of a chain the arguments do not concern: these are not asked and have no opinion.
    ///
    /// The arguments are read once a call, and only when a member has a filter. What cannot be read is everybody's concern.
    mutating func applyFilters(_ chain: Int) {
        guard let arguments = try? JSONValue(parsing: self.chains[chain].body) else { return }
        let isFiltered = self.chains[chain].filters.map { filter in filter.map { !$0.matches(arguments) } ?? false }
        self.chains[chain].isFiltered = isFiltered.contains(true) ? isFiltered : []
    }

    /// Whether a call is not for the member at a place.
    @inline(__always)
    func isFiltered(_ chain: Int, _ position: Int) -> Bool {
        position < self.chains[chain].isFiltered.count && self.chains[chain].isFiltered[position]
    }

    /// Notes that a member was not asked, since the call is not for it.
    mutating func noteFiltered(_ chain: Int, _ callback: Int, _ module: Int) {
        self.callCounters[self.counter(module, callback)].filtered += 1
        self.trace(chain, StepRecord(.filtered, module: module))
    }

    /// The members whom a call concerns, when nobody of a chain is asked; the others are noted as such.
    mutating func concerned(_ chain: Int, _ callback: Int) -> [Int] {
        var concerned: [Int] = []
        for position in 0..<self.chains[chain].memberCount {
            let module = self.chains[chain].members[position]
            if self.isFiltered(chain, position) {
                self.noteFiltered(chain, callback, module)
            } else {
                concerned.append(module)
            }
        }
        return concerned
    }

    /// Whether nobody whom a call concerns can be asked, though there is somebody.
    // Inlined: else the whole core is copied for the call.
    @inline(__always)
    func isNobodyUp(_ chain: Int) -> Bool {
        var isAnyConcerned = false
        for position in 0..<self.chains[chain].memberCount where !self.isFiltered(chain, position) {
            if self.table.isUp[self.chains[chain].members[position]] { return false }
            isAnyConcerned = true
        }
        return isAnyConcerned || self.chains[chain].memberCount == 0
    }

    /// Whether a replica wants a call, while the replicas of its module have different filters.
    func wants(_ place: Int, _ callback: Int, _ chain: Int) -> Bool {
        guard let filter = self.peers[place].filters[callback] else { return true }
        return (try? JSONValue(parsing: self.chains[chain].body)).map(filter.matches) ?? true
    }
}
