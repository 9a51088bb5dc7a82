/// What modules have really begun to work on: the other end of what a dispatcher promises.
struct Conduct {
    private struct Work: Hashable {
        var token: Int
        var module: Int
    }

    private var begun: [Work: Int] = [:]
    /// The process that entered a scope.
    private var entered: [String: Int] = [:]
    private var left: Set<String> = []

    /// A module's process begins to work on a call, which all its replicas may do so many times.
    ///
    /// - Returns: What is wrong with that.
    mutating func began(
        _ token: Int,
        module: Int,
        process: Int,
        timesMax: Int,
        scope: ScopeWords?
    ) -> (Rule, String)? {
        guard let scope, let id = scope.id else {
            let times = self.begun[Work(token: token, module: module), default: 0] + 1
            self.begun[Work(token: token, module: module)] = times
            return times <= timesMax ? nil : (.atMostOnce, "module \(module) works on call #\(token) \(times) times")
        }
        guard scope.isExit else {
            return self.entered.updateValue(process, forKey: id) == nil
                ? nil : (.scopeOnce, "scope \(id) is entered twice")
        }
        guard self.entered[id] == process else { return (.scopeOnce, "scope \(id) is left by another than entered it") }
        return self.left.insert(id).inserted ? nil : (.scopeOnce, "scope \(id) is left twice")
    }

    /// A module turned a call away undone.
    mutating func turnedAway(_ token: Int, module: Int, scope: ScopeWords?) {
        guard let scope, let id = scope.id else {
            self.begun[Work(token: token, module: module), default: 1] -= 1
            return
        }
        // That it did not enter may be heard too late: then it is told to leave all the same.
        if scope.isExit { self.left.remove(id) }
    }
}
