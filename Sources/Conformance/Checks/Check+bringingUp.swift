internal import Callbacks
internal import WireProtocol

extension Check {
    /// From the start of the process to a module that is ready; nothing else can be checked without one.
    static let bringingUp: [Check] = [.hello, .register, .ready]

    private static let hello = Check("hello", section: "§3.1", start: .anew) { trial in
        .steps([.expect(.hello(of: trial.settings.moduleID), within: trial.settings.startMax)])
    }

    private static let register = Check("register", section: "§3.3", start: .goingOn) { trial in
        .steps([.expect(.manifest(trial.settings), within: trial.settings.startMax)])
    }

    private static let ready = Check("ready", section: "§3", start: .goingOn) { trial in
        .steps([.expect(.message(.ready, "READY"), within: trial.settings.startMax)])
    }
}

extension Step {
    /// Waits until a module that has been started, or asked who it is, is ready.
    static func becomingReady(_ settings: ConformanceSettings) -> [Step] {
        [
            .expect(.message(.hello, "HELLO"), within: settings.startMax),
            .expect(.message(.register, "REGISTER"), within: settings.startMax),
            .expect(.message(.ready, "READY"), within: settings.startMax),
        ]
    }

    /// The same, and it has to be the same module with the same manifest.
    static func beginningAgain(_ trial: Trial, within time: Duration? = nil) -> [Step] {
        [
            .expect(.message(.hello, "HELLO"), within: time ?? trial.settings.startMax),
            .expect(.sameManifest(trial), within: trial.settings.startMax),
            .expect(.message(.ready, "READY"), within: trial.settings.startMax),
        ]
    }
}

extension Expectation {
    /// The first message of a process: who it is.
    static func hello(of module: String) -> Self {
        Self("HELLO as its first message, from '\(module)'") { observation in
            guard case .message(let envelope, _) = observation else { return .other }
            guard envelope.header.kind == .hello else {
                return .broken("\(envelope.header.kind.name) before any HELLO")
            }
            guard let hello = try? Hello(decoding: envelope.body) else { return .other }
            guard hello.id == module else {
                return .broken("HELLO from '\(hello.id)', and GANGLION_MODULE says '\(module)'")
            }
            guard hello.role == .module else { return .broken("HELLO as a \(hello.role.rawValue), not as a module") }
            guard hello.protocolRange.contains(WireLimits.version) else {
                let (first, last) = (hello.protocolRange.lowerBound, hello.protocolRange.upperBound)
                return .broken("HELLO for the versions \(first) to \(last), without \(WireLimits.version)")
            }
            guard envelope.header.target.isEmpty else {
                return .broken("HELLO with the target '\(envelope.header.target)'")
            }
            return .met(hello.version.isEmpty ? nil : "version \(hello.version)")
        }
    }

    /// A manifest that the operator's dispatcher would grant.
    static func manifest(_ settings: ConformanceSettings) -> Self {
        .message(.register, "REGISTER with a manifest that can be granted") { envelope, _ in
            guard let manifest = try? Manifest(decoding: envelope.body) else { return .other }
            let configuration = DispatcherConfiguration(
                modules: [.init(id: settings.moduleID)],
                catalogue: settings.catalogue,
                reservedPrefixes: settings.reservedPrefixes,
                incarnation: "conform"
            )
            let check = ManifestCheck(configuration: configuration, module: configuration.modules[0])
            let reasons = check.reasons(against: manifest)
            guard reasons.isEmpty else {
                let texts = reasons.prefix(5).map { "\($0.code) \($0.item): \($0.message)" }
                return .broken("a manifest that is refused: \(texts.joined(separator: "; "))")
            }
            return .met(manifest.summary)
        }
    }

    static func sameManifest(_ trial: Trial) -> Self {
        let before = trial.manifest
        return .message(.register, "REGISTER with the manifest of before") { envelope, _ in
            guard let manifest = try? Manifest(decoding: envelope.body) else { return .other }
            return manifest.isSame(as: before)
                ? .met() : .broken("REGISTER of \(manifest.summary), not of \(before.summary)")
        }
    }
}

extension Manifest {
    /// How much of everything it has.
    fileprivate var summary: String {
        let counts = [
            (self.callbacks.count, "callback"), (self.routes.count, "route"), (self.methods.count, "method"),
            (self.backgroundUpdates.count, "background update"),
        ].filter { $0.0 > 0 }
        let parts = counts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }
        return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
    }

    /// Whether it asks for the same, in whatever order.
    fileprivate func isSame(as other: Manifest) -> Bool {
        Set(self.callbacks) == Set(other.callbacks) && Set(self.routes) == Set(other.routes)
            && Set(self.methods) == Set(other.methods) && Set(self.backgroundUpdates) == Set(other.backgroundUpdates)
            && self.concurrency == other.concurrency
    }
}
