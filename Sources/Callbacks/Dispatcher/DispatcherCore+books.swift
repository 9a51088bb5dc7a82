package import MessageBus
package import WireProtocol

/// What a dispatcher keeps of others, for whoever checks that it keeps neither too much nor too little.
package struct DispatcherBooks {
    /// One connection.
    package struct Entry {
        package var peer: PeerID
        /// The module it is a replica of; nil for hosts and for whoever has not said hello.
        package var module: Int?
        package var isStranger: Bool
        package var state: ModuleState
        package var incarnation: String
        /// Calls of it that have not been answered.
        package var incoming: Int
        /// Calls to it that it has not answered.
        package var outgoing: Int
        /// For each callback of the catalogue how many calls it has now.
        package var running: [UInt16]
    }

    /// A call to a module that has not been made yet.
    package struct Waiter {
        /// Whose call it is made for, and by which id the caller knows that.
        package var caller: PeerID
        package var callID: UInt64
        package var module: Int
        /// The callback's place in the catalogue; what is no callback's comes after them.
        package var column: Int
        package var deadline: MonotonicTime
        /// Whether it stands in the module's line; else its turn in its lane has not come.
        package var isInLine: Bool
    }

    package var entries: [Entry]
    /// Those in line in their order, module by module, and then those in lanes.
    package var waiters: [Waiter] = []
    /// How many connections it can find by their names.
    package var connections: Int
    package var chains: Int
    package var steps: Int
    package var scopes: Int
    package var epoch: UInt64
}

extension DispatcherBooks {
    /// The books of a dispatcher that nobody has spoken to.
    package init() {
        self.init(entries: [], connections: 0, chains: 0, steps: 0, scopes: 0, epoch: 0)
    }
}

extension DispatcherCore {
    /// Asked as if it changed something: else the whole core is copied for whoever has it in an object.
    package var books: DispatcherBooks {
        mutating get { self.currentBooks }
    }

    private var currentBooks: DispatcherBooks {
        let entries = self.peers.places.map { place in
            let peer = self.peers[place]
            return DispatcherBooks.Entry(
                peer: peer.id,
                module: peer.module,
                isStranger: peer.role == .stranger,
                state: peer.state,
                incarnation: peer.incarnation,
                incoming: peer.incoming,
                outgoing: peer.outgoing,
                running: peer.running
            )
        }
        return DispatcherBooks(
            entries: entries,
            waiters: self.waiters,
            connections: self.places.count,
            chains: self.chains.count,
            steps: self.steps.count,
            scopes: self.scopes.count,
            epoch: self.epoch
        )
    }

    private var waiters: [DispatcherBooks.Waiter] {
        guard self.lanes.count > 0 || self.modules.contains(where: { !$0.line.isEmpty }) else { return [] }
        let lines = self.modules.lazy.flatMap { $0.line.waiters.map(\.id) }.compactMap {
            self.waiter($0, isInLine: true)
        }
        guard self.lanes.count > 0 else { return Array(lines) }
        return lines + self.lanes.waiting.sorted().compactMap { self.waiter($0, isInLine: false) }
    }

    private func waiter(_ id: UInt64, isInLine: Bool) -> DispatcherBooks.Waiter? {
        guard let step = self.steps[id] else { return nil }
        return DispatcherBooks.Waiter(
            caller: self.peers[self.chains[step.chain].caller].id,
            callID: self.chains[step.chain].callID,
            module: step.module,
            column: step.column,
            deadline: step.deadline,
            isInLine: isInLine
        )
    }

    /// The modules that a callback's chain goes through, by their places in the configuration.
    package func members(ofCallback callback: Int) -> [Int] {
        self.table.chains[callback]
    }

    /// The routing table as hosts get it.
    package var tableMessage: Payload { self.tableBody }
}
