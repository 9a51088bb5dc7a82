/// What modules have really begun to work on: the other end of what a dispatcher promises.
struct Conduct {
    private struct Work: Hashable {
        var token: Int
        var module: Int
    }

    private var begun: Set<Work> = []
    /// The process that entered a scope.
    private var entered: [String: Int] = [:]
    private var left: Set<String> = []

    /// A module's process begins to work on a call.
    ///
    /// - Returns: What is wrong with that.
    mutating func began(_ token: Int, module: Int, process: Int, scope: ScopeWords?) -> (Rule, String)? {
        guard let scope, let id = scope.id else {
            return self.begun.insert(Work(token: token, module: module)).inserted
                ? nil : (.atMostOnce, "module \(module) works on call #\(token) twice")
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
            self.begun.remove(Work(token: token, module: module))
            return
        }
        // That it did not enter may be heard too late: then it is told to leave all the same.
        if scope.isExit { self.left.remove(id) }
    }
}
