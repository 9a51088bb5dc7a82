internal import Supervision
internal import WireProtocol

extension Check {
    private static let sigterm: Int32 = 15
    /// What a process has to end, and a second for a busy machine.
    private static let stopMax = Duration.seconds(3)

    /// Calls that are on their way when the process is told to stop are answered before it says `BYE`.
    static let drain = Check("drain", section: "§3") { trial in
        var calls: [(TrialCall, UInt64)] = []
        if let call = trial.anyCall { calls = (0..<8).map { _ in (call, trial.nextCallID()) } }
        let drain = Expectation("DRAIN") { observation in
            guard case .message(let envelope, _) = observation else { return .other }
            return switch envelope.header.kind {
            case .drain: .met()
            case .bye: .broken("BYE without DRAIN before it")
            default: .other
            }
        }
        return .steps([
            .send(calls.map { $0.message($1) }), .signal(Self.sigterm),
            .expect([drain] + calls.map { $0.reply($1) }, within: .seconds(2)),
            .expect(.farewell(.shutdown), within: .seconds(1)), .expect(.exit, within: .seconds(1)),
        ])
    }

    static let lifeline = Check("lifeline", section: "§1.1", level: .should) { _ in
        .steps([
            .closeInput, .expect(.farewell(.shutdown), within: Self.stopMax), .expect(.exit, within: .seconds(1)),
        ])
    }

    /// A module that is refused stays or ends, but it does not crash, nor ask all the time; when it is asked again, it is there.
    static let refusedHello = Check("refused-hello", section: "§3.5", start: .anew) { trial in
        var conduct = Conduct.normal
        conduct.helloRefusal = "protocol_version"
        let hellos = Limit(
            what: "HELLO in 2 s after it was refused",
            countMax: 20,
            judge: Self.afterRefusal(counting: .hello)
        )
        return .steps(
            [
                .conduct(conduct), .expect(.message(.hello, "HELLO"), within: trial.settings.startMax),
                .watch(.seconds(2), hellos), .conduct(.normal), .send([.control(.whoAreYou)]),
            ] + Step.becomingReady(trial.settings)
        )
    }

    static let refusedRegistration = Check("refused-registration", section: "§3.5", start: .anew) { trial in
        var conduct = Conduct.normal
        conduct.registerRefusal = "not_allowed"
        let registrations = Limit(
            what: "REGISTER in 1 s after it was refused",
            countMax: 10,
            judge: Self.afterRefusal(counting: .register)
        )
        return .steps(
            [
                .conduct(conduct), .expect(.message(.hello, "HELLO"), within: trial.settings.startMax),
                .expect(.message(.register, "REGISTER"), within: trial.settings.startMax),
                .watch(.seconds(1), registrations), .conduct(.normal), .send([.control(.whoAreYou)]),
            ] + Step.becomingReady(trial.settings)
        )
    }

    private static func afterRefusal(counting kind: MessageKind) -> @Sendable (Observation) -> Judgement {
        { observation in
            switch observation {
            case .message(let envelope, _): envelope.header.kind == kind ? .met() : .other
            case .ended(.status(let status)) where status != 0:
                .settled("ends with status \(status) when it is refused")
            case .ended(.status): .broken("the process ended with status 0, though nobody told it to")
            default: .other
            }
        }
    }

    static let wrongConfiguration = Check("wrong-configuration", section: "§3.6", start: .anew) { trial in
        guard trial.settings.wrongConfiguration != nil else {
            return .skip("needs a configuration that the module finds wrong: --wrong-config")
        }
        var conduct = Conduct.normal
        conduct.hasWrongConfiguration = true
        let exit = Expectation("the process ends with status 78") { observation in
            guard case .ended(let exit) = observation else { return .other }
            return exit == .status(78) ? .met() : .broken("the process \(exit)")
        }
        return .steps([
            .conduct(conduct), .expect(.farewell(.configuration), within: trial.settings.startMax),
            .expect(exit, within: Self.stopMax),
        ])
    }
}

extension Expectation {
    /// The last message of a connection.
    static func farewell(_ reason: Farewell.Reason) -> Self {
        .message(.bye, "BYE with the reason '\(reason.rawValue)'") { envelope, _ in
            guard let farewell = try? Farewell(decoding: envelope.body) else { return .other }
            guard farewell.reason == reason else { return .broken("BYE with the reason '\(farewell.reason.rawValue)'") }
            guard reason == .configuration else { return .met() }
            guard let problem = farewell.problems.first else { return .broken("BYE without errors") }
            guard problem.path.hasPrefix("config") else {
                return .broken(
                    "BYE with the path '\(problem.path)', which does not begin with the welcome's config_path"
                )
            }
            return .met("\(problem.path): \(problem.message)")
        }
    }
}
