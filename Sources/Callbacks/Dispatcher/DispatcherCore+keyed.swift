import MessageBus
import WireProtocol

// MARK: Calls with a key

extension DispatcherCore {
    /// Admits a call to a `keyed` callback: only those are asked who have registered the key that stands in its arguments.
    ///
    /// The one rule for which the arguments are read, because they say whom to ask.
    mutating func admitKeyed(
        _ envelope: Envelope,
        to callback: Int,
        from place: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let argument = self.plans[callback].keyArgument ?? ""
        guard let arguments = try? JSONValue(parsing: envelope.body), let key = arguments[argument]?.string else {
            let path = self.plans[callback].declaration.path
            let fault = BusFault(
                .badRequest,
                "\(path): argument `\(argument)`: expected string, the key of whom to ask"
            )
            return self.reject(envelope.header.callID, of: place, fault, at: now, into: &actions)
        }
        // A key that nobody has registered is a question that nobody has: the policy for that decides.
        let members = self.table.keys[callback]?[key]?.modules ?? []
        let number = self.insertChain(envelope, .callback(callback), members: members, from: place, at: now)
        self.ask(number, callback, at: now, into: &actions)
    }
}
