internal import WireProtocol

/// Where a module's process finds the bus, and who it is there.
struct ModuleOptions: Equatable {
    var endpoint = "ipc://run/bus.sock"
    var moduleID: String

    /// What is wrong with the command line or the environment.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    init(arguments: [String], environment: [String: String]) throws(Failure) {
        var endpoint = environment["GANGLION_BUS"]
        var moduleID = environment["GANGLION_MODULE"]
        var rest = arguments[...]
        while let name = rest.popFirst() {
            guard name == "--bus" || name == "--module" else {
                throw Failure(description: "unknown argument '\(name)'; usage: [--bus ENDPOINT] [--module NAME]")
            }
            guard let value = rest.popFirst() else { throw Failure(description: "\(name) needs a value") }
            if name == "--bus" { endpoint = value } else { moduleID = value }
        }
        guard let moduleID else {
            throw Failure(
                description:
                    "this module does not know its name: start it with `ganglion up`, or give --module NAME (or GANGLION_MODULE)"
            )
        }
        guard Hello.isValid(id: moduleID) else {
            throw Failure(description: "'\(moduleID)' is not a module's name: 1 to 63 of a-z, 0-9 and '-'")
        }
        self.moduleID = moduleID
        if let endpoint { self.endpoint = endpoint }
    }
}
