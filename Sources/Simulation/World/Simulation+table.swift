import Callbacks
import MessageBus
import SeededRandom
import WireProtocol

// MARK: Another dispatcher that hears the same

extension Simulation {
    /// After how many changes of the table another dispatcher is asked for its own.
    private static let changesPerCheck = 8

    /// Somebody who has registered, or had.
    private struct Registrant {
        var id: String
        var incarnation: String
        /// As it was sent.
        var manifest: Payload
        var isReady: Bool
        var isResting: Bool
        var isAway: Bool
    }

    /// Holds the table against that of a dispatcher that has heard the same registrations, and nothing else, in another order.
    func checkTable(of core: MutableCore) {
        guard self.ledger.after.epoch != self.ledger.before.epoch else { return }
        self.tableChanges += 1
        guard self.tableChanges % Self.changesPerCheck == 0, self.ledger.violation == nil else { return }
        // Not the schedule's own chance, which goes on as if nobody had looked.
        var random = SplitMix64(seed: self.report.digest)
        let registrants = self.registrants
        let other = self.dispatcher(hearing: registrants, &random)
        guard let right = Self.content(other.tableMessage), let mine = Self.content(core.tableMessage) else {
            return self.breaks(.table, "the table cannot be read")
        }
        guard mine == right, other.chains == core.chains else {
            let who = registrants.map { "\($0.id)/\($0.incarnation)" }.joined(separator: " ")
            return self.breaks(.table, "with \(who) in another order it is \(right.json), and here it is \(mine.json)")
        }
    }

    private static func content(_ table: Payload) -> RoutingTableMessage? {
        var content = try? RoutingTableMessage(decoding: table)
        content?.epoch = 0
        return content
    }

    private var registrants: [Registrant] {
        var registrants: [Registrant] = []
        for (module, id) in self.ledger.modules.enumerated() {
            let present = self.ledger.registrations
                .filter { $0.value.module == module && $0.value.isStaying }
                .sorted { $0.key.rawValue < $1.key.rawValue }
            for (peer, registration) in present {
                let manifest = registration.manifest ?? Manifest().encoded()
                let isReady = self.ledger.after.isReady(peer)
                registrants.append(
                    Registrant(
                        id: id,
                        incarnation: registration.incarnation,
                        manifest: manifest,
                        isReady: isReady || registration.isResting,
                        isResting: registration.isResting,
                        isAway: false
                    )
                )
            }
            guard present.isEmpty, self.ledger.known[module] != nil, let last = self.ledger.manifests[module] else {
                continue
            }
            let isResting = self.ledger.resting.contains(module)
            registrants.append(
                Registrant(
                    id: id,
                    incarnation: "away",
                    manifest: last,
                    isReady: isResting,
                    isResting: isResting,
                    isAway: true
                )
            )
        }
        return registrants
    }

    /// A dispatcher that has heard everybody come in an order, operators among them, and then those go who are away.
    private func dispatcher(hearing registrants: [Registrant], _ random: inout SplitMix64) -> MutableCore {
        var configuration = self.configuration
        configuration.incarnation = "other"
        let other = MutableCore(configuration, mutant: nil, now: self.now)
        let host = PeerID(rawValue: UInt32(registrants.count + 1))
        let hello = Hello(id: "h", role: .host, version: "", incarnation: "h")
        _ = self.tell(
            other,
            [Envelope(Header(kind: .hello), body: hello.encoded()), Envelope(Header(kind: .ready))],
            as: host
        )
        var comers = registrants.indices.map { index in
            (PeerID(rawValue: UInt32(index + 1)), self.words(of: registrants[index]))
        }
        comers += self.ledger.disabled.sorted().map { (host, [self.turningOff($0)]) }
        comers.shuffle(using: &random)
        while !comers.isEmpty {
            let (peer, words) = comers.removeFirst()
            // Whoever is asked comes once more.
            for asked in self.tell(other, words, as: peer) where asked != host {
                comers.append((asked, self.words(of: registrants[Int(asked.rawValue) - 1])))
            }
        }
        for (index, registrant) in registrants.enumerated() where registrant.isAway {
            let bye = Envelope(Header(kind: .bye), body: Farewell(reason: .shutdown).encoded())
            _ = self.tell(other, [bye], as: PeerID(rawValue: UInt32(index + 1)))
        }
        return other
    }

    /// - Returns: Who is asked thereupon who it is.
    private func tell(_ other: MutableCore, _ words: [Envelope], as peer: PeerID) -> [PeerID] {
        var actions: [RouterAction] = []
        for word in words { other.take(.receive(word, from: peer), at: self.now, into: &actions) }
        return actions.compactMap { action in
            guard case .send(let envelope, let peer) = action, envelope.header.kind == .whoAreYou else { return nil }
            return peer
        }
    }

    private func words(of registrant: Registrant) -> [Envelope] {
        let hello = Hello(id: registrant.id, role: .module, version: "", incarnation: registrant.incarnation)
        let words = [
            Envelope(Header(kind: .hello), body: hello.encoded()),
            Envelope(Header(kind: .register), body: registrant.manifest),
        ]
        var readiness = Readiness()
        readiness.disabledBecause = registrant.isResting ? "no list" : nil
        return registrant.isReady ? words + [Envelope(Header(kind: .ready), body: readiness.body)] : words
    }

    private func turningOff(_ module: Int) -> Envelope {
        let header = Header(kind: .call, budgetMilliseconds: 1000, callID: 1, target: "admin/modules/disable")
        return Envelope(header, body: JSONValue.object(["module": .string(self.ledger.modules[module])]).encoded())
    }
}
