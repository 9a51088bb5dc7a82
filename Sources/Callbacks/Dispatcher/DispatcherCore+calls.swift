import MessageBus
import WireProtocol

// MARK: Admission

extension DispatcherCore {
    /// How much earlier than the caller's budget a reply leaves, so that it arrives within it.
    private static let marginNanosecondsMax: UInt64 = 25_000_000

    mutating func call(
        _ envelope: consuming Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if let fault = self.fault(of: envelope, from: place) {
            return self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
        }
        switch self.destination(of: envelope.header.target, from: place) {
        case .callback(let callback):
            guard Self.looksLikeObject(envelope.body) else {
                let fault = BusFault(.badRequest, "the body is to be a JSON object of the callback's named arguments")
                return self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
            }
            if self.plans[callback].isScoped {
                self.admitScoped(envelope, to: callback, from: place, at: now, into: &actions)
            } else if self.plans[callback].isKeyed {
                self.admitKeyed(envelope, to: callback, from: place, at: now, into: &actions)
            } else {
                self.admit(consume envelope, to: callback, from: place, at: now, into: &actions)
            }
        case .direct(let kind, let module):
            self.admit(consume envelope, kind, to: module, from: place, at: now, into: &actions)
        case nil:
            self.callOutsideTable(envelope, from: place, at: now, into: &actions)
        }
    }

    private mutating func destination(of target: String, from place: Int) -> RoutingTable.Destination? {
        if self.peers[place].lastEpoch == self.epoch, self.peers[place].lastTarget == target {
            return self.peers[place].lastDestination
        }
        let destination = self.table.destinations[target]
        self.peers[place].lastTarget = target
        self.peers[place].lastDestination = destination
        self.peers[place].lastEpoch = self.epoch
        return destination
    }

    @inline(__always)
    private func fault(of envelope: Envelope, from place: Int) -> BusFault? {
        guard (1...WireLimits.budgetMilliseconds).contains(envelope.header.budgetMilliseconds) else {
            return BusFault(.badRequest, "a call has a budget of 1 to \(WireLimits.budgetMilliseconds) ms")
        }
        guard self.peers[place].state != .refused else {
            return BusFault(.forbidden, "this module was refused; it cannot call")
        }
        guard self.peers[place].incoming < self.configuration.inFlightMax else {
            let message = "\(self.configuration.inFlightMax) calls of this peer are unanswered, which is the most"
            return BusFault(.overloaded, message, isRetryable: true)
        }
        guard envelope.body.count <= self.configuration.bodySizeMax else {
            let message = "the body has \(envelope.body.count) bytes, the limit is \(self.configuration.bodySizeMax)"
            return BusFault(.tooLarge, message)
        }
        return nil
    }

    /// Whether bytes may be a JSON object; what is between the braces is the modules' concern.
    private static func looksLikeObject(_ body: Payload) -> Bool {
        body.withUnsafeBytes { bytes in
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
            return bytes.first { !isSpace($0) } == UInt8(ascii: "{") && bytes.last { !isSpace($0) } == UInt8(ascii: "}")
        }
    }

    private mutating func callOutsideTable(
        _ envelope: Envelope,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let target = envelope.header.target
        let fault: BusFault
        if target.hasPrefix("admin/") {
            guard self.peers[place].role == .host else {
                let fault = BusFault(.forbidden, "only hosts may call \(target)")
                return self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
            }
            switch target {
            case "admin/modules/disable": return self.turn(on: false, envelope, from: place, at: now, into: &actions)
            case "admin/modules/enable": return self.turn(on: true, envelope, from: place, at: now, into: &actions)
            default: break
            }
            if let body = self.adminBody(target.dropFirst("admin/".count), at: now) {
                let header = Header(
                    kind: .reply,
                    flags: MessageFlags(.answer),
                    callID: envelope.header.callID,
                    epoch: self.epoch
                )
                return self.send(header, body: body, to: place, at: now, into: &actions)
            }
            let hint = target.hasPrefix("admin/callbacks/") ? "; `ganglion callbacks` lists the callbacks" : ""
            fault =
                Self.isExplanation(target)
                ? self.faultOfExplanation(target.dropFirst("admin/explain/".count))
                : BusFault(.notFound, "there is no \(target)\(hint)")
        } else if target.hasPrefix("callback/") {
            // No search for the nearest name here: it is too slow for what a peer may do a thousand times a second.
            let path = target.dropFirst("callback/".count)
            fault = BusFault(.notFound, "there is no callback \(path); `ganglion callbacks` lists them")
        } else if let kind = DirectKind.allCases.first(where: { target.hasPrefix($0.prefix) }) {
            switch kind {
            case .web: fault = BusFault(.notFound, "no module serves \(target.dropFirst(kind.prefix.count))")
            case .method, .backgroundUpdate: fault = self.faultOfName(target)
            }
        } else {
            fault = BusFault(.badRequest, "a target begins with callback/, method/, update/, web/ or admin/")
        }
        self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
    }

    private static func isExplanation(_ target: String) -> Bool { target.hasPrefix("admin/explain/") }

    /// Why there is no such method or update: whoever calls may wait for a module that has not come yet, and not for one that has.
    private func faultOfName(_ target: String) -> BusFault {
        let parts = target.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let module = self.moduleIndices[String(parts[1])] else {
            return BusFault(.notFound, "there is no module or service that \(target) could be of")
        }
        guard self.modules[module].known != nil else {
            return BusFault(.noneUp, "'\(parts[1])' has not registered yet", isRetryable: true)
        }
        return BusFault(.notFound, "'\(parts[1])' has not registered the \(parts[0]) `\(parts[2])`")
    }

    mutating func reject(
        _ callID: UInt64,
        of place: Int,
        _ fault: BusFault,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let header = Header(kind: .reply, flags: MessageFlags(fault.status), callID: callID, epoch: self.epoch)
        self.send(header, body: fault.encoded(), to: place, at: now, into: &actions)
    }

    private mutating func admit(
        _ envelope: consuming Envelope,
        to callback: Int,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let members = self.table.chains[callback]
        let number = self.insertChain(consume envelope, .callback(callback), members: members, from: place, at: now)
        if !self.table.segmentEnds[callback].isEmpty {
            self.chains[number].segmentEnds = self.table.segmentEnds[callback]
        }
        self.ask(number, callback, at: now, into: &actions)
    }

    /// Begins to ask the members of a chain.
    mutating func ask(_ number: Int, _ callback: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        let memberCount = self.chains[number].members.count
        self.outcomes[callback].calls += 1
        if !self.table.shadows[callback].isEmpty { self.askShadows(number, callback, at: now, into: &actions) }
        guard self.gates[callback] < 0 else {
            return self.nobody(number, callback, .noneUp, at: now, into: &actions)
        }
        if self.plans[callback].isIdempotent { self.retryBudgets[callback].noteCall() }
        if self.chains[number].isExplained { self.traceDisabled(number, callback) }
        if self.plans[callback].isExclusive || self.plans[callback].isScoped {
            self.chains[number].memberCount = min(1, memberCount)
        }
        if !self.table.filters[callback].isEmpty {
            self.chains[number].filters = self.table.filters[callback]
            self.applyFilters(number)
        }
        guard !self.isNobodyUp(number) else {
            return self.nobody(number, callback, memberCount == 0 ? .noneRegistered : .noneUp, at: now, into: &actions)
        }
        if self.plans[callback].isNotify {
            self.tellAll(number, callback, at: now, into: &actions)
        } else {
            self.proceed(number, callback, at: now, into: &actions)
        }
    }

    private mutating func admit(
        _ envelope: consuming Envelope,
        _ kind: DirectKind,
        to module: Int,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let chain = self.insertChain(consume envelope, .direct(kind, module: module), members: [], from: place, at: now)
        let column = self.column(kind)
        self.outcomes[column].calls += 1
        guard !self.table.isDisabled[module] else {
            return self.failDirect(chain, kind, module, .noneUp, nil, at: now, into: &actions)
        }
        let deadline = self.chains[chain].deadline
        let failure = self.startStep(chain, module, column, deadline: deadline, at: now, into: &actions)
        guard let failure else { return }
        self.failDirect(chain, kind, module, failure, nil, at: now, into: &actions)
    }

    /// Puts a call among the chains and at the head of its caller's list.
    mutating func insertChain(
        _ envelope: consuming Envelope,
        _ subject: Chain.Subject,
        members: [Int],
        from place: Int,
        at now: MonotonicTime
    ) -> Int {
        let callID = envelope.header.callID
        let isExplained = envelope.header.flags.contains(.explain)
        let nanoseconds = UInt64(self.budgetMilliseconds(envelope.header.budgetMilliseconds, subject)) * 1_000_000
        self.chainNumber += 1
        let older = self.peers[place].newestChain
        let number = self.chains.take(orMake: Chain())
        self.chains[number].number = self.chainNumber
        self.chains[number].subject = subject
        self.chains[number].caller = place
        self.chains[number].callID = callID
        // By way of a constant: from memory to memory it would be copied by asking its type at run time how.
        let target = envelope.header.target
        self.chains[number].target = target
        self.chains[number].body = envelope.takeBody()
        // Vacant, it has none.
        if envelope.heldMetadata.isPresent { self.chains[number].metadata = envelope.heldMetadata }
        self.chains[number].isExplained = isExplained
        self.chains[number].epoch = self.epoch
        self.chains[number].members = members
        self.chains[number].admitted = now
        self.chains[number].memberCount = members.count
        self.chains[number].deadline = MonotonicTime(
            nanoseconds: now.nanoseconds &+ nanoseconds - min(nanoseconds / 20, Self.marginNanosecondsMax)
        )
        self.chains[number].older = older
        if older >= 0 {
            self.chains[older].newer = number
        }
        self.peers[place].newestChain = number
        self.peers[place].incoming += 1
        self.addToCancelIndex(callID, at: number, of: place)
        return number
    }

    @inline(__always)
    private mutating func addToCancelIndex(_ callID: UInt64, at number: Int, of place: Int) {
        // Most callers have none. To change what an optional holds takes the peer apart before it is known whether there is anything.
        guard self.peers[place].cancelIndex != nil else { return }
        let isWorthIt = self.peers[place].cancelIndex?.add(callID, at: number)
        if isWorthIt == false { self.peers[place].cancelIndex = nil }
    }

    @inline(__always)
    private mutating func removeFromCancelIndex(_ callID: UInt64, at number: Int, of place: Int) {
        guard self.peers[place].cancelIndex != nil else { return }
        self.peers[place].cancelIndex?.remove(callID, at: number)
    }

    /// What the caller allows, and of a chain no more than the operator does: a call to one module keeps nobody but its caller waiting.
    @inline(__always)
    private func budgetMilliseconds(_ allowed: UInt32, _ subject: Chain.Subject) -> UInt32 {
        guard case .callback = subject else { return allowed }
        return min(allowed, self.configuration.budgetMillisecondsMax)
    }

    /// Takes a chain out of its caller's list and forgets it.
    mutating func removeChain(_ number: Int) {
        let (caller, newer, older) = (self.chains[number].caller, self.chains[number].newer, self.chains[number].older)
        if newer >= 0 {
            self.chains[newer].older = older
        } else {
            self.peers[caller].newestChain = older
        }
        if older >= 0 {
            self.chains[older].newer = newer
        }
        self.peers[caller].incoming -= 1
        self.removeFromCancelIndex(self.chains[number].callID, at: number, of: caller)
        self.chains.remove(at: number)
    }
}

extension BusFault {
    /// The status of a reply that carries this fault.
    var status: ReplyStatus {
        self.code == .overloaded ? .overloaded : .error
    }
}
