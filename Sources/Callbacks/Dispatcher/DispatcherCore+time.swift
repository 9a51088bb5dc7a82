import Logging
public import MessageBus
public import WireProtocol

// MARK: Time

extension DispatcherCore {
    /// How long a connection that never says hello is remembered.
    static let strangerPatience = Duration.seconds(15)
    /// How often at most every connection is sent something because one of them ended.
    private static let probeInterval = Duration.milliseconds(100)

    public var nextDeadline: MonotonicTime? {
        mutating get {
            var next = self.nextSweep
            if let deadline = self.steps.nextDeadline { next = min(next ?? deadline, deadline) }
            if let deadline = self.scopes.nextDeadline { next = min(next ?? deadline, deadline) }
            if let deadline = self.tablePace.due { next = min(next ?? deadline, deadline) }
            return next
        }
    }

    /// Sees to it that ``advance(to:into:)`` looks at the peers by then.
    mutating func sweep(by time: MonotonicTime) {
        self.nextSweep = min(self.nextSweep ?? time, time)
    }

    public mutating func advance(to now: MonotonicTime, into actions: inout [RouterAction]) {
        defer { self.settleWaiting(at: now, into: &actions) }
        for (id, step) in self.steps.expire(upTo: now) {
            let isAwaited = self.stepEnded(id, step)
            if step.peer >= 0 {
                self.noteLatency(step, at: now)
                self.send(Header(kind: .cancel, callID: id), to: step.peer, at: now, into: &actions)
            }
            guard isAwaited else {
                // Another one's timeout has just ended the chain.
                self.callCounters[self.counter(step.module, step.column)].cancelled += 1
                continue
            }
            guard step.peer >= 0 else {
                // Its turn did not come, so nothing was done.
                self.stepFailed(step, .overloaded, nil, at: now, into: &actions)
                continue
            }
            self.abandonEntering(step, because: "the module did not answer in time", at: now, into: &actions)
            self.stepFailed(step, .timeout, nil, at: now, into: &actions)
        }
        self.advanceScopes(to: now, into: &actions)
        if let sweep = self.nextSweep, now >= sweep {
            self.sweepPeers(at: now, into: &actions)
        }
        // Last, with all that this moment has changed.
        if self.tablePace.isDue(at: now) { self.tellTable(at: now, into: &actions) }
    }

    /// Sends to every connection, which finds out which of them are gone.
    private mutating func probe(at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.lastProbe = now
        self.nextProbe = nil
        for place in self.peers.places {
            self.send(Header(kind: .ping), to: place, at: now, into: &actions)
        }
    }

    /// Looks at every peer: who is due a heartbeat, who is silent, who never said hello.
    private mutating func sweepPeers(at now: MonotonicTime, into actions: inout [RouterAction]) {
        self.nextSweep = nil
        self.refreshGates(at: now)
        if let due = self.nextProbe {
            if now >= due { self.probe(at: now, into: &actions) } else { self.sweep(by: due) }
        }
        for place in self.peers.places where self.peers.contains(place) {
            if self.peers[place].role == .stranger {
                self.sweepStranger(place, at: now)
            } else {
                self.sweepPeer(place, at: now, into: &actions)
            }
        }
    }

    private mutating func sweepStranger(_ place: Int, at now: MonotonicTime) {
        let end = self.peers[place].lastHeard + Self.strangerPatience
        guard now >= end else { return self.sweep(by: end) }
        self.places[self.peers[place].id] = nil
        self.peers.remove(at: place)
    }

    private mutating func sweepPeer(_ place: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        while let event = self.peers[place].liveness?.advance(to: now) {
            switch event {
            case .ping:
                self.send(Header(kind: .ping), to: place, at: now, into: &actions)
            case .unresponsive:
                self.log(.warning, "peer is silent", place, into: &actions)
                guard self.peers[place].state.isReadyItself else { continue }
                self.peers[place].state = .unresponsive
                self.refreshTable(at: now, into: &actions)
            case .lost:
                self.log(.error, "peer lost: silent for too long", place, into: &actions)
                return self.leave(place, as: .lost, at: now, into: &actions)
            }
        }
        if self.peers[place].hasStaleTable {
            self.sendTable(to: place, at: now, into: &actions)
        }
        if self.peers[place].isRefusalUntold {
            self.tellRefusal(place, at: now, into: &actions)
        }
        if let next = self.peers[place].liveness?.nextDeadline {
            self.sweep(by: next)
        }
    }
}

// MARK: What did not leave

extension DispatcherCore {
    public mutating func sendFailed(
        _ header: Header,
        to peer: PeerID,
        reason: SendFailure,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        defer { self.settleWaiting(at: now, into: &actions) }
        self.busCounters.undelivered += 1
        guard let place = self.places[peer] else { return }
        guard reason == .congested else {
            return self.forget(place, at: now, into: &actions)
        }
        switch header.kind {
        case .call:
            guard let step = self.steps[header.callID], step.peer == place else { return }
            _ = self.steps.remove(header.callID)
            self.stepEnded(header.callID, step)
            self.stepFailed(step, .overloaded, nil, at: now, into: &actions)
        case .table:
            self.peers[place].hasStaleTable = true
        case .refused:
            self.peers[place].isRefusalUntold = self.peers[place].state == .refused
        default:
            break
        }
    }

    public mutating func connectionsChanged(at now: MonotonicTime, into actions: inout [RouterAction]) {
        // Whoever comes and goes a thousand times a second must not make everybody else answer as often.
        if let last = self.lastProbe, now < last + Self.probeInterval {
            self.nextProbe = last + Self.probeInterval
            return self.sweep(by: last + Self.probeInterval)
        }
        self.probe(at: now, into: &actions)
    }

    public mutating func stop(at now: MonotonicTime, into actions: inout [RouterAction]) {
        let farewell = Farewell(reason: .shutdown).encoded()
        for place in self.peers.places where self.peers[place].role != .stranger {
            self.send(Header(kind: .bye), body: farewell, to: place, at: now, into: &actions)
        }
    }
}
