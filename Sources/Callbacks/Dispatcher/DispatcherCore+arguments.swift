import MessageBus
import WireProtocol

// MARK: Whose fault an error is

extension DispatcherCore {
    /// Ends a chain because of its arguments, if a module says that it cannot use them and they are not what is declared.
    ///
    /// A caller's mistake is nobody's failure: no policy is asked, and the caller learns which argument it is.
    ///
    /// - Returns: Whether it was the caller's.
    mutating func blameCaller(
        _ step: Step,
        _ body: Payload,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) -> Bool {
        guard case .callback(let callback) = self.chains[step.chain].subject,
            let said = try? BusFault(decoding: body), said.code == .badRequest
        else {
            return false
        }
        // What a module before this one has put in the arguments' place is not the caller's.
        if case .amended = self.chains[step.chain].gathering { return false }
        let check = ArgumentCheck(declaration: self.plans[callback].declaration)
        guard let fault = check.fault(of: self.chains[step.chain].body) else { return false }
        if step.member >= 0 {
            self.settle(step, callback, .blamedCaller(fault), .badRequest, at: now, into: &actions)
            return true
        }
        self.trace(step, .badRequest, at: now)
        if self.plans[callback].isNotify {
            self.chains[step.chain].fault = self.chains[step.chain].fault ?? fault
            self.told(step.chain, callback, at: now, into: &actions)
        } else {
            let (chain, body) = (step.chain, fault.encoded())
            self.finish(chain, callback, .failed, fault.status, body, by: nil, at: now, into: &actions)
        }
        return true
    }
}
