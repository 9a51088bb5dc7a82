import WireProtocol

/// Who serves what: a pure function of the operator's configuration and the registrations, whoever came first.
struct RoutingTable: Equatable {
    /// What a module has registered, with whether a replica of it can take calls.
    struct Registration: Equatable {
        var manifest: Manifest
        var isUp: Bool
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
    /// By a path's key the place of the one who serves it when all are up.
    private var firstClaimants: [String: Int] = [:]

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
        self.isUp = registrations.map { $0?.isUp ?? false }
        for (module, registration) in registrations.enumerated() where !isDisabled[module] {
            for claim in registration?.manifest.callbacks ?? [] {
                guard let callback = configuration.catalogue.index(of: claim.path) else { continue }
                let filter = claim.filter.flatMap { try? ArgumentFilter(union: $0) }
                guard !configuration.modules[module].isShadow else {
                    if configuration.catalogue.callbacks[callback].rule.mayBeAskedInShadow {
                        self.shadows[callback].append(Shadow(module: module, filter: filter))
                    }
                    continue
                }
                self.chains[callback].append(module)
                purity[callback].append(claim.isPure)
                // One that cannot be read was refused, so none is left out by mistake.
                filters[callback].append(filter)
                for key in claim.keys {
                    self.keys[callback, default: [:]][key.key, default: KeyEntry(fields: key.fields)].modules
                        .append(module)
                }
            }
        }
        self.filters = filters.map { filters in filters.contains { $0 != nil } ? filters : [] }
        self.segmentEnds = zip(configuration.catalogue.callbacks, purity).map { callback, purity in
            callback.isParallel && callback.rule.mayBeAskedSideBySide ? Self.segmentEnds(purity) : []
        }
        self.routes = Self.routes(registrations)
        for (index, callback) in configuration.catalogue.callbacks.enumerated() {
            self.destinations[callback.target] = .callback(index)
        }
        for route in self.routes {
            self.firstClaimants[Self.key(route.claim)] = route.firstClaimant
            let target = DirectKind.web.target(route.claim.path, of: configuration.modules[route.module].id)
            self.destinations[target] = .direct(.web, module: route.module)
        }
        for (module, registration) in registrations.enumerated() {
            guard let registration else { continue }
            self.addNames(registration.manifest, of: module, configuration.modules[module].id)
        }
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

    /// Methods and background updates carry their owner's name, so nobody can be in the way of another.
    private mutating func addNames(_ manifest: Manifest, of module: Int, _ id: String) {
        for claim in manifest.methods {
            self.destinations[DirectKind.method.target(claim.name, of: id)] = .direct(.method, module: module)
        }
        for claim in manifest.backgroundUpdates {
            let target = DirectKind.backgroundUpdate.target(claim.name, of: id)
            self.destinations[target] = .direct(.backgroundUpdate, module: module)
        }
    }

    /// Of those who claim a route, the first that is up owns it, or the first of all while none is.
    private static func routes(_ registrations: [Registration?]) -> [Route] {
        var claimants: [String: [(module: Int, claim: RouteClaim, isUp: Bool)]] = [:]
        for (module, registration) in registrations.enumerated() {
            guard let registration else { continue }
            for claim in registration.manifest.routes {
                claimants[Self.key(claim), default: []].append((module, claim, registration.isUp))
            }
        }
        return
            claimants.values
            .compactMap { claimants in
                guard let owner = claimants.first(where: \.isUp) ?? claimants.first else { return nil }
                return Route(
                    claim: owner.claim,
                    module: owner.module,
                    isUp: owner.isUp,
                    losers: claimants.map(\.module).filter { $0 != owner.module }
                )
            }
            .sorted { ($0.claim.path, $0.claim.match.rawValue) < ($1.claim.path, $1.claim.match.rawValue) }
    }

    private static func key(_ claim: RouteClaim) -> String {
        guard case .success(let pattern) = RoutePattern.parse(claim.path) else { return claim.path }
        return "\(claim.match.rawValue) \(pattern.key)"
    }
}

extension RoutingTable {
    /// The table as hosts get it.
    func message(epoch: UInt64, _ configuration: DispatcherConfiguration) -> RoutingTableMessage {
        let names = configuration.modules.map(\.id)
        let modules = names.indices.filter { !configuration.modules[$0].isService }
        return RoutingTableMessage(
            epoch: epoch,
            modules: modules.filter { self.isUp[$0] }.map { names[$0] },
            waitingFor: modules.filter { !self.isUp[$0] && !self.isDisabled[$0] }.map { names[$0] },
            routes: self.routes.map { .init(claim: $0.claim, module: names[$0.module], isUp: $0.isUp) }
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
