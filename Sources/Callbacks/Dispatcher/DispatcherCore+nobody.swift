import MessageBus
import WireProtocol

// MARK: Nobody to ask

extension DispatcherCore {
    /// Ends a chain that nobody can be asked for.
    mutating func nobody(
        _ chain: Int,
        _ callback: Int,
        _ kind: FailureKind,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if let reason = self.reasonToWait(callback) {
            let action = self.plans[callback].failure[kind]
            return self.end(chain, callback, kind, action, because: reason, at: now, into: &actions)
        }
        guard self.chains[chain].memberCount > 0 else {
            return self.nobodyRegistered(chain, callback, at: now, into: &actions)
        }
        let members = self.concerned(chain, callback)
        // The first of them whose absence matters decides, as it would if they were asked one after the other.
        let decisive = members.first { self.failures[$0, callback][kind] != .continue }
        for module in members.prefix(while: { $0 != decisive }) {
            self.callCounters[self.counter(module, callback)].failOpens.note(kind)
        }
        for module in members { self.callCounters[self.counter(module, callback)].note(kind) }
        let action = decisive.map { self.failures[$0, callback][kind] } ?? .continue
        self.end(chain, callback, kind, action, at: now, into: &actions)
    }

    private mutating func nobodyRegistered(
        _ chain: Int,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard !self.isBypassed(callback, chain) else {
            let body = self.plans[callback].defaultBody
            return self.finish(chain, callback, .continue, .continue, body, by: nil, at: now, into: &actions)
        }
        let action = self.plans[callback].failure[.noneRegistered]
        self.end(chain, callback, .noneRegistered, action, at: now, into: &actions)
    }

    /// Ends a chain of which nobody is asked, by what the policy says about that.
    private mutating func end(
        _ chain: Int,
        _ callback: Int,
        _ kind: FailureKind,
        _ action: FailureAction,
        because reason: String? = nil,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let declaration = self.plans[callback].declaration
        let outcome: Outcome = kind == .noneRegistered ? .noneRegistered : .noneUp
        switch action {
        case .continue:
            // Modules that are down have each counted it already.
            self.outcomes[callback].failOpens += kind == .noneRegistered ? 1 : 0
            let body = self.plans[callback].defaultBody
            self.finish(chain, callback, outcome, .continue, body, by: nil, at: now, into: &actions)
        case .stopWith(let value):
            self.finish(chain, callback, outcome, .answer, value.encoded(), by: nil, at: now, into: &actions)
        case .fail:
            let who = kind == .noneRegistered ? "no module has registered" : "no module is up that has registered"
            let message = reason ?? "\(who) \(declaration.path)"
            let fault = BusFault(kind.code, message, isRetryable: kind.isRetryable || declaration.isRequired)
            self.finish(chain, callback, outcome, fault.status, fault.encoded(), by: nil, at: now, into: &actions)
        }
    }
}
