internal import WireProtocol

/// The scopes that a module has entered, so that each is left once.
///
/// An exit may overtake the answer of entering: who entered may give up meanwhile. Then it is kept until the handler has said whether it entered. It may even
/// overtake the beginning, so the last exits of unknown scopes are remembered.
struct OpenScopes {
    private enum State {
        case entering(CallbackCall)
        /// The exit that comes when the handler has entered.
        case leaving(CallbackCall)
        case open(CallbackCall)
    }

    private static let overtakenMax = 256

    private var scopes: [String: State] = [:]
    private var overtaken: [String] = []

    var isEmpty: Bool { self.scopes.isEmpty }

    /// Begins to enter.
    ///
    /// - Returns: Whether that is still wanted.
    mutating func enter(_ scope: String, _ call: CallbackCall) -> Bool {
        guard self.scopes[scope] == nil, !self.overtaken.contains(scope) else { return false }
        self.scopes[scope] = .entering(call)
        return true
    }

    /// Notes what the handler that was to enter has said.
    ///
    /// - Returns: The exit that has come meanwhile, to be done now.
    mutating func entered(_ scope: String, _ hasEntered: Bool) -> CallbackCall? {
        switch self.scopes[scope] {
        case .entering(let call) where hasEntered:
            self.scopes[scope] = .open(call)
            return nil
        case .leaving(let exit) where hasEntered:
            self.scopes[scope] = nil
            return exit
        default:
            self.scopes[scope] = nil
            return nil
        }
    }

    /// Takes an exit.
    ///
    /// - Returns: Whether it is to be done now.
    mutating func leave(_ scope: String, _ exit: CallbackCall) -> Bool {
        switch self.scopes[scope] {
        case .open:
            self.scopes[scope] = nil
            return true
        case .entering:
            self.scopes[scope] = .leaving(exit)
            return false
        case .leaving:
            return false
        case nil:
            self.overtaken.append(scope)
            if self.overtaken.count > Self.overtakenMax { self.overtaken.removeFirst() }
            return false
        }
    }

    /// Leaves all scopes, for no exit will come any more.
    ///
    /// - Returns: The exits that are to be done now.
    mutating func leaveAll(because reason: String) -> [CallbackCall] {
        var exits: [CallbackCall] = []
        for (scope, state) in self.scopes.sorted(by: { $0.key < $1.key }) {
            switch state {
            case .open(let call):
                self.scopes[scope] = nil
                exits.append(call.lost(because: reason))
            case .entering(let call): self.scopes[scope] = .leaving(call.lost(because: reason))
            case .leaving: break
            }
        }
        return exits
    }
}

extension CallbackCall {
    /// The exit of what this call has entered, in the words of a dispatcher that lost who entered.
    fileprivate func lost(because reason: String) -> CallbackCall {
        var arguments = (try? JSONValue(parsing: self.body))?.object ?? JSONObject()
        arguments["outcome"] = ["status": "lost", "error": .string(reason)]
        return CallbackCall(
            category: self.category,
            name: self.name,
            body: JSONValue.object(arguments).encoded(),
            budget: self.budget,
            epoch: self.epoch,
            scope: self.scope
        )
    }
}
