import Caching
import MessageBus
import WireProtocol

/// Calls over the virtual network: repeated until they are answered.
extension CacheWorld {
    /// The peer that writers are: not one of the processes.
    private static let writer = PeerID(rawValue: 1000)

    func call(
        from process: Int?,
        _ target: String,
        metadata: Payload? = nil,
        body: Payload = .empty,
        for purpose: VirtualCall.Purpose
    ) {
        self.nextCall += 1
        let call = VirtualCall(
            id: self.nextCall,
            process: process,
            target: target,
            metadata: metadata,
            body: body,
            purpose: purpose
        )
        self.time.schedule(after: 0.5 + self.uniform(3), .request(call))
    }

    func request(_ call: VirtualCall) {
        guard self.isUp, call.process.map({ self.processes[$0].isCutOff }) != true else {
            return self.time.schedule(after: 20, .request(call))
        }
        self.calls[call.id] = call
        let header = Header(kind: .call, budgetMilliseconds: 60_000, callID: call.id, target: call.target)
        let peer = call.process.map { PeerID(rawValue: UInt32($0)) } ?? Self.writer
        var actions: [RouterAction] = []
        if call.process == nil { self.greet(peer) }
        self.service.advance(to: self.now, into: &actions)
        self.service.receive(
            Envelope(header, metadata: call.metadata, body: call.body),
            from: peer,
            at: self.now,
            into: &actions
        )
        self.perform(actions)
        if case .ping = call.purpose, self.uniform(100) < 5 {
            // The message arrived twice.
            self.service.receive(Envelope(header, body: call.body), from: peer, at: self.now, into: &actions)
        }
    }

    private func greet(_ peer: PeerID) {
        let hello = Hello(id: "writer", role: .host, version: "", incarnation: "w", heartbeatMilliseconds: 30_000)
        var ignored: [RouterAction] = []
        self.service.receive(
            Envelope(Header(kind: .hello), body: hello.encoded()),
            from: peer,
            at: self.now,
            into: &ignored
        )
    }

    private func perform(_ actions: [RouterAction]) {
        for (envelope, peer) in Self.messages(actions) {
            switch envelope.header.kind {
            case .reply:
                guard let call = self.calls.removeValue(forKey: envelope.header.callID) else { continue }
                self.time.schedule(after: 0.5 + self.random.exponential(mean: 2), .reply(call, envelope))
            case .invalidate:
                self.sendPush(Int(peer.rawValue), envelope)
            default:
                continue
            }
        }
    }

    /// What is sent, in the order of the peers: the service's is a dictionary's, which is another one in each run of a seed.
    private static func messages(_ actions: [RouterAction]) -> [(envelope: Envelope, peer: PeerID)] {
        var messages: [(place: Int, envelope: Envelope, peer: PeerID)] = []
        for case .send(let envelope, let peer) in actions { messages.append((messages.count, envelope, peer)) }
        messages.sort { ($0.peer.rawValue, $0.place) < ($1.peer.rawValue, $1.place) }
        return messages.map { ($0.envelope, $0.peer) }
    }

    private func sendPush(_ process: Int, _ envelope: Envelope) {
        guard !self.processes[process].isCutOff, self.uniform(100) >= self.settings.lossPercent else {
            return self.note("process \(process) does not hear of \(envelope.header.callID)")
        }
        let arrival = max(self.processes[process].lastPush, self.time.now + 0.3 + self.random.exponential(mean: 2))
        self.processes[process].lastPush = arrival
        self.time.schedule(after: arrival - self.time.now, .push(process: process, envelope))
        // Some come twice, the second time out of order.
        guard self.uniform(100) < 2 else { return }
        self.time.schedule(after: arrival - self.time.now + self.uniform(30), .push(process: process, envelope))
    }

    func push(_ process: Int, _ envelope: Envelope) {
        guard !self.processes[process].isPaused else {
            return self.processes[process].missed.append(.push(process: process, envelope))
        }
        guard let message = try? InvalidationMessage(decoding: envelope.body) else { return }
        let number = SequenceNumber(epoch: envelope.header.epoch, value: envelope.header.callID)
        self.note("process \(process) hears of \(number): \(message.tags.joined(separator: " "))")
        self.ask(process, self.processes[process].coherence.receive(number, tags: message.tags, at: self.now))
    }

    private func ask(_ process: Int, _ question: CoherenceClient.Question?) {
        guard case .replay(let epoch, let from) = question else { return }
        self.note("process \(process) asks for what it missed since \(from)")
        let body = CacheReplay(epoch: epoch, from: from).encoded()
        self.call(from: process, CacheTarget.replay, body: body, for: .replay(from: from))
    }

    func ping(_ process: Int) {
        self.time.schedule(after: Self.staleness / 4, .ping(process: process))
        guard !self.processes[process].isPaused else { return }
        self.call(from: process, CacheTarget.ping, for: .ping(sentAt: self.now))
    }

    func reply(_ call: VirtualCall, _ envelope: Envelope) {
        if let process = call.process {
            guard !self.processes[process].isCutOff else {
                return self.time.schedule(after: 20, .reply(call, envelope))
            }
            guard !self.processes[process].isPaused else {
                return self.processes[process].missed.append(.reply(call, envelope))
            }
        }
        let epoch = envelope.header.epoch
        switch call.purpose {
        case .invalidate(let key, let version):
            self.note("version \(version) of key \(key) is acknowledged")
            self.acknowledged[key].append((self.time.now, version))
        case .ping(let sentAt):
            guard let process = call.process, let answer = try? CacheHead(decoding: envelope.body) else { return }
            let head = SequenceNumber(epoch: epoch, value: answer.head)
            self.ask(
                process,
                self.processes[process].coherence.receiveHead(head, sentAt: sentAt, at: self.now)
            )
        case .replay(let from):
            guard let process = call.process, let answer = try? CacheReplayed(decoding: envelope.body) else { return }
            let question = self.processes[process].coherence.receiveReplay(
                head: SequenceNumber(epoch: epoch, value: answer.head),
                first: from,
                invalidations: answer.isTrimmed ? nil : answer.invalidations,
                at: self.now
            )
            self.ask(process, question)
        case .get(let key, let began):
            self.answered(call, key, began, envelope)
        case .fill:
            break
        }
    }
}
