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

    package var entries: [Entry]
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
    package var books: DispatcherBooks {
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
            connections: self.places.count,
            chains: self.chains.count,
            steps: self.steps.count,
            scopes: self.scopes.count,
            epoch: self.epoch
        )
    }

    /// The modules that a callback's chain goes through, by their places in the configuration.
    package func members(ofCallback callback: Int) -> [Int] {
        self.table.chains[callback]
    }

    /// The routing table as hosts get it.
    package var tableMessage: Payload { self.tableBody }
}
