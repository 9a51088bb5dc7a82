import WireProtocol

/// Who serves what: a pure function of the operator's configuration and the registrations, whoever came first.
struct RoutingTable {
    /// What a module has registered, with whether a replica of it can take calls.
    struct Registration {
        var manifest: Manifest
        var isUp: Bool
        /// Whether it has disabled itself, so that others may have what it stands in the way of.
        var isResting = false
        /// The manifest made ready; nil where nobody keeps it.
        var claims: ModuleClaims?
    }

    /// A web resource and everybody who wanted it.
    struct Route: Equatable {
        var claim: RouteClaim
        /// The owner's place in the configuration.
        var module: Int
        var isUp: Bool
        /// The places of the others who claim it.
        var losers: [Int]

        /// The place of the one who serves it when all are up.
        var firstClaimant: Int { self.losers.reduce(self.module, min) }
    }

    /// A module that is asked beside a chain.
    struct Shadow: Equatable {
        var module: Int
        /// Which calls concern it; nil for all.
        var filter: ArgumentFilter?
    }

    /// Who answers one key of a keyed callback.
    struct KeyEntry: Equatable {
        /// What all of them have agreed on.
        var fields: [String]
        /// Their places in the configuration, in order.
        var modules: [Int] = []
    }

    /// What a call's target stands for.
    enum Destination: Equatable {
        /// The callback's place in the catalogue.
        case callback(Int)
        /// The owner's place in the configuration.
        case direct(DirectKind, module: Int)
    }

    /// Sorted by path.
    private(set) var routes: [Route] = []
    /// For each callback of the catalogue the registrants' places in the configuration, in order.
    private(set) var chains: [[Int]]
    /// For each callback and member of its chain where the neighbours end that can be asked side by side; empty for chains without such.
    private(set) var segmentEnds: [[Int]]
    /// For each callback and member of its chain which calls concern it; empty for chains whose calls are everybody's.
    private(set) var filters: [[ArgumentFilter?]]
    /// For each keyed callback, by its place in the catalogue, who answers which key.
    private(set) var keys: [Int: [String: KeyEntry]] = [:]
    /// For each callback the modules in shadow, which are asked beside its chain.
    private(set) var shadows: [[Shadow]]
    /// For each module whether a replica of it can take calls.
    private(set) var isUp: [Bool]
    /// For each module whether an operator has taken it out of everything.
    private(set) var isDisabled: [Bool]
    private(set) var destinations: [String: Destination] = [:]
    /// By a path's key the place of the one who serves it when all are up; only of paths that several claim.
    private var firstClaimants: [String: Int] = [:]
    /// For each route how it is written.
    private var texts: [ModuleClaims.Route] = []
    /// For each module whether another claims a route of it.
    private var isContested: [Bool]

    /// - Parameters:
    ///   - configuration: The operator's decisions.
    ///   - known: For each configured module what it registered; nil if nothing.
    ///   - isDisabled: For each configured module whether an operator has taken it out; none when it is empty.
    init(_ configuration: DispatcherConfiguration, _ known: [Registration?], isDisabled: [Bool] = []) {
        let isDisabled = isDisabled.isEmpty ? known.map { _ in false } : isDisabled
        var registrations = known
        for module in registrations.indices where isDisabled[module] { registrations[module]?.isUp = false }
        self.chains = Array(repeating: [], count: configuration.catalogue.callbacks.count)
        self.isDisabled = isDisabled
        self.shadows = self.chains.map { _ in [] }
        var purity: [[Bool]] = self.chains.map { _ in [] }
        var filters: [[ArgumentFilter?]] = self.chains.map { _ in [] }
        var keyed: [Int: [(key: KeyClaim, module: Int, isResting: Bool)]] = [:]
        self.isUp = registrations.map { $0?.isUp ?? false }
        self.isContested = registrations.map { _ in false }
        let claims = registrations.enumerated().map { module, registration in
            registration.map { $0.claims ?? ModuleClaims($0.manifest, of: module, configuration) }
        }
        for (module, claims) in claims.enumerated() where !isDisabled[module] {
            for claim in claims?.callbacks ?? [] {
                let (callback, filter) = (claim.callback, claim.filter)
                guard !configuration.modules[module].isShadow else {
                    if configuration.catalogue.callbacks[callback].rule.mayBeAskedInShadow {
                        self.shadows[callback].append(Shadow(module: module, filter: filter))
                    }
                    continue
                }
                let isResting = registrations[module]?.isResting ?? false
                if configuration.catalogue.callbacks[callback].isAtMostOneModule, !self.chains[callback].isEmpty {
                    // Those before it have disabled themselves, or it would have been refused.
                    guard !isResting else { continue }
                    (self.chains[callback], purity[callback], filters[callback]) = ([], [], [])
                }
                self.chains[callback].append(module)
                purity[callback].append(claim.isPure)
                filters[callback].append(filter)
                keyed[callback, default: []] += claim.keys.map { ($0, module, isResting) }
            }
        }
        self.keys = keyed.mapValues(Self.keyEntries).filter { !$0.value.isEmpty }
        self.filters = filters.map { filters in filters.contains { $0 != nil } ? filters : [] }
        self.segmentEnds = zip(configuration.catalogue.callbacks, purity).map { callback, purity in
            callback.isParallel && callback.rule.mayBeAskedSideBySide ? Self.segmentEnds(purity) : []
        }
        self.addRoutes(claims)
        self.destinations.reserveCapacity(
            self.routes.count + self.chains.count + claims.reduce(0) { $0 + ($1?.names.count ?? 0) }
        )
        for (index, callback) in configuration.catalogue.callbacks.enumerated() {
            self.destinations[callback.target] = .callback(index)
        }
        for (route, text) in zip(self.routes, self.texts) {
            if !route.losers.isEmpty { self.firstClaimants[text.key] = route.firstClaimant }
            self.destinations[text.target] = .direct(.web, module: route.module)
        }
        // Methods and background updates carry their owner's name, so nobody can be in the way of another.
        for (module, claims) in claims.enumerated() {
            for name in claims?.names ?? [] {
                self.destinations[name.target] = .direct(name.kind, module: module)
            }
        }
    }

    /// Who answers each key: of several who do not agree on its fields, those that agree with the ones that have not disabled themselves.
    private static func keyEntries(
        _ claims: [(key: KeyClaim, module: Int, isResting: Bool)]
    ) -> [String: KeyEntry] {
        var entries: [String: KeyEntry] = [:]
        for (key, _, isResting) in claims where !isResting && entries[key.key] == nil {
            entries[key.key] = KeyEntry(fields: key.fields)
        }
        for (key, module, _) in claims {
            guard entries[key.key, default: KeyEntry(fields: key.fields)].fields == key.fields else { continue }
            entries[key.key, default: KeyEntry(fields: key.fields)].modules.append(module)
        }
        return entries
    }

    /// For each place where the run of pure members ends that it is in; a member that is not pure ends its own.
    private static func segmentEnds(_ purity: [Bool]) -> [Int] {
        guard zip(purity, purity.dropFirst()).contains(where: { $0 && $1 }) else { return [] }
        var ends = purity.indices.map { $0 + 1 }
        for place in purity.indices.dropLast().reversed() where purity[place] && purity[place + 1] {
            ends[place] = ends[place + 1]
        }
        return ends
    }

    /// Of those who claim a route, the first that is up owns it, or the first of all while none is.
    private mutating func addRoutes(_ claims: [ModuleClaims?]) {
        // Most routes are wanted by one module only, so those who lose are looked for where there are some.
        var places: [String: Int] = [:]
        var owned: [(route: Route, text: ModuleClaims.Route)] = []
        let count = claims.reduce(0) { $0 + ($1?.routes.count ?? 0) }
        places.reserveCapacity(count)
        owned.reserveCapacity(count)
        for (module, claims) in claims.enumerated() {
            for route in claims?.routes ?? [] {
                let isUp = self.isUp[module]
                guard let place = places[route.key] else {
                    places[route.key] = owned.count
                    owned.append((Route(claim: route.claim, module: module, isUp: isUp, losers: []), route))
                    continue
                }
                let owner = owned[place].route.module
                // Replicas that differ may have two spellings of one path.
                guard owner != module, owned[place].route.losers.last != module else { continue }
                for module in [owner, module] { self.isContested[module] = true }
                guard isUp, !owned[place].route.isUp else {
                    owned[place].route.losers.append(module)
                    continue
                }
                // Those who lose stand in the configuration's order.
                let losers = (owned[place].route.losers + [owner]).sorted()
                owned[place] = (Route(claim: route.claim, module: module, isUp: true, losers: losers), route)
            }
        }
        owned.sort { left, right in
            let (one, other) = (left.route.claim, right.route.claim)
            return one.path == other.path ? one.match.rawValue < other.match.rawValue : one.path < other.path
        }
        self.routes = owned.map(\.route)
        self.texts = owned.map(\.text)
    }

    /// Changes who can take calls, where nothing else follows from that.
    ///
    /// - Parameter isUp: For each module whether a replica of it can take calls, and no operator has taken it out.
    /// - Returns: Whether anything has changed; nil when who serves what depends on it, so that the table has to be made anew.
    mutating func update(isUp: [Bool]) -> Bool? {
        let changed = isUp.indices.filter { isUp[$0] != self.isUp[$0] }
        guard !changed.contains(where: { self.isContested[$0] }) else { return nil }
        guard !changed.isEmpty else { return false }
        self.isUp = isUp
        for index in self.routes.indices { self.routes[index].isUp = isUp[self.routes[index].module] }
        return true
    }

    static func key(_ claim: RouteClaim) -> String {
        guard case .success(let pattern) = RoutePattern.parse(claim.path) else { return claim.path }
        return "\(claim.match.rawValue) \(pattern.key)"
    }
}

extension RoutingTable {
    /// The table as hosts get it: the body of a message.
    func body(epoch: UInt64, _ configuration: DispatcherConfiguration) -> Payload {
        RoutingTableText.body(self.head(epoch: epoch, configuration), routeCount: self.routes.count) { index in
            self.routes[index].isUp ? self.texts[index].texts.up : self.texts[index].texts.down
        }
    }

    /// The table as hosts get it, without its routes.
    private func head(epoch: UInt64, _ configuration: DispatcherConfiguration) -> RoutingTableMessage {
        let names = configuration.modules.map(\.id)
        let modules = names.indices.filter { !configuration.modules[$0].isService }
        return RoutingTableMessage(
            epoch: epoch,
            modules: modules.filter { self.isUp[$0] }.map { names[$0] },
            waitingFor: modules.filter { !self.isUp[$0] && !self.isDisabled[$0] }.map { names[$0] },
            routes: []
        )
    }

    /// How many bytes a module's routes take in the message, when it owns all of them.
    static func size(of claims: [RouteClaim], of module: String) -> Int {
        let routes = claims.map { RoutingTableMessage.Route(claim: $0, module: module, isUp: false) }
        return RoutingTableMessage(epoch: 0, modules: [], waitingFor: [], routes: routes).encoded().count
    }

    /// What a module is granted, and what it lost by the operator's order.
    ///
    /// Who is up at the moment makes no difference: while the first of those who claim a route is down, the next serves it, and no longer.
    func grant(
        to module: Int,
        _ manifest: Manifest,
        epoch: UInt64,
        _ configuration: DispatcherConfiguration
    ) -> Registered {
        var granted: [String] = []
        var warnings: [Remark] = []
        for (index, claim) in manifest.routes.enumerated() {
            guard let owner = self.firstClaimants[Self.key(claim)], owner < module else {
                granted.append(claim.path)
                continue
            }
            let name = configuration.modules[owner].id
            let message =
                "\(claim.path) is served by module '\(name)', which stands before this one in the configuration"
            warnings.append(Remark(code: "route_taken", item: "routes[\(index)]", message: message))
        }
        let notAsked = self.notAsked(module, manifest, configuration)
        warnings += notAsked.map(\.warning)
        return Registered(
            epoch: epoch,
            routes: granted,
            callbacks: manifest.callbacks.map(\.path).filter { path in !notAsked.contains { $0.path == path } },
            methods: manifest.methods.map(\.name),
            backgroundUpdates: manifest.backgroundUpdates.map(\.name),
            warnings: warnings
        )
    }
    /// By their paths the callbacks for which one module is asked, and another stands before this one.
    private func notAsked(
        _ module: Int,
        _ manifest: Manifest,
        _ configuration: DispatcherConfiguration
    ) -> [(path: String, warning: Remark)] {
        manifest.callbacks.enumerated().compactMap { index, claim in
            guard let callback = configuration.catalogue.index(of: claim.path),
                configuration.catalogue.callbacks[callback].rule.asksOne,
                let first = self.chains[callback].first, first < module
            else {
                return nil
            }
            let name = configuration.modules[first].id
            let message =
                "of the modules that register \(claim.path) only '\(name)' is asked, which stands before this one in the configuration"
            return (claim.path, Remark(code: "callback_taken", item: "callbacks[\(index)]", message: message))
        }
    }
}

extension RoutingTable: Equatable {
    /// Whether two tables say the same; how they are written follows from that.
    static func == (left: Self, right: Self) -> Bool {
        // First what differs most often.
        left.routes.count == right.routes.count && left.destinations.count == right.destinations.count
            && left.isUp == right.isUp && left.isDisabled == right.isDisabled && left.chains == right.chains
            && left.segmentEnds == right.segmentEnds && left.filters == right.filters && left.keys == right.keys
            && left.shadows == right.shadows && left.routes == right.routes && left.destinations == right.destinations
    }
}
