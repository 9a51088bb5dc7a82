import WireProtocol

/// What a module has registered, made ready for the table: looked up, taken apart and written once, and not with each change of another module.
final class ModuleClaims: Sendable {
    struct Callback: Sendable {
        /// Its place in the catalogue.
        var callback: Int
        var isPure: Bool
        /// Which calls concern the module; nil for all.
        var filter: ArgumentFilter?
        var keys: [KeyClaim]
    }

    final class Route: Sendable {
        let claim: RouteClaim
        /// Two routes with the same key serve the same requests.
        let key: String
        let target: String
        /// How it stands in a table's message while the module can take calls, and while it cannot.
        let texts: (up: [UInt8], down: [UInt8])

        init(_ claim: RouteClaim, of module: String) {
            self.claim = claim
            self.key = RoutingTable.key(claim)
            self.target = DirectKind.web.target(claim.path, of: module)
            self.texts = (
                RoutingTableText.bytes(of: .init(claim: claim, module: module, isUp: true)),
                RoutingTableText.bytes(of: .init(claim: claim, module: module, isUp: false))
            )
        }
    }

    let callbacks: [Callback]
    let routes: [Route]
    /// The targets of its methods and background updates.
    let names: [(target: String, kind: DirectKind)]

    init(_ manifest: Manifest, of module: Int, _ configuration: DispatcherConfiguration) {
        let id = configuration.modules[module].id
        self.callbacks = manifest.callbacks.compactMap { claim in
            configuration.catalogue.index(of: claim.path).map { callback in
                // One that cannot be read was refused, so none is left out by mistake.
                let filter = claim.filter.flatMap { try? ArgumentFilter(union: $0) }
                return Callback(callback: callback, isPure: claim.isPure, filter: filter, keys: claim.keys)
            }
        }
        self.routes = manifest.routes.map { Route($0, of: id) }
        self.names =
            manifest.methods.map { (DirectKind.method.target($0.name, of: id), .method) }
            + manifest.backgroundUpdates.map {
                (DirectKind.backgroundUpdate.target($0.name, of: id), .backgroundUpdate)
            }
    }
}
