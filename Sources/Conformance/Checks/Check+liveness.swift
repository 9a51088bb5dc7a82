internal import WireProtocol

extension Check {
    static let pong = Check("pong", section: "§7") { trial in
        .steps(Step.ping(&trial))
    }

    static let pingInSilence = Check("ping-in-silence", section: "§7") { trial in
        // Twice as long as both sides have agreed to, and a second for a busy machine.
        let interval = Duration.milliseconds(Int64(trial.settings.heartbeatMilliseconds))
        return .steps([.expect(.message(.ping, "PING in silence"), within: interval * 2 + .seconds(1))])
    }

    static let whoAreYou = Check("who-are-you", section: "§8") { trial in
        .steps([.send([.control(.whoAreYou)])] + Step.beginningAgain(trial, within: .seconds(2)) + Step.alive(&trial))
    }

    static let silentDispatcher = Check("silent-dispatcher", section: "§7", level: .should) { trial in
        var conduct = Conduct.normal
        conduct.answersPings = false
        let silence = Duration.milliseconds(
            Int64(trial.settings.heartbeatMilliseconds) * 2 * Int64(PlayedDispatcher.liveness)
        )
        return .steps(
            [.conduct(conduct), .expect(.message(.hello, "HELLO"), within: silence + .seconds(5)), .conduct(.normal)]
                + Step.beginningAgain(trial).dropFirst() + Step.alive(&trial)
        )
    }

    static let restartedDispatcher = Check("restarted-dispatcher", section: "§8") { trial in
        .steps(
            [.unbind, .watch(.milliseconds(300)), .bind] + Step.beginningAgain(trial, within: .seconds(10))
                + Step.alive(&trial)
        )
    }

    static let leavingDispatcher = Check("leaving-dispatcher", section: "§3.6") { trial in
        let farewell = Farewell(reason: .shutdown).encoded()
        let leaving: [Step] = [
            // Nothing to do for whoever receives DRAIN (§3).
            .send([.control(.drain), .control(.bye, body: farewell)]), .watch(.milliseconds(200)), .unbind,
            .watch(.milliseconds(300)), .bind,
        ]
        return .steps(leaving + Step.beginningAgain(trial, within: .seconds(10)) + Step.alive(&trial))
    }

    static let incarnation = Check("incarnation", section: "§3.1", start: .anew) { trial in
        let known = trial.incarnations
        let expectation = Expectation.message(.hello, "HELLO with an incarnation that no earlier process had") {
            envelope,
            _ in
            guard let hello = try? Hello(decoding: envelope.body) else { return .other }
            return known.contains(hello.incarnation) ? .broken("the incarnation \(hello.incarnation) again") : .met()
        }
        return .steps([.expect(expectation, within: trial.settings.startMax)])
    }
}

extension Step {
    /// A heartbeat; what the module sent before comes before its PONG.
    static func ping(_ trial: inout Trial) -> [Step] {
        let id = trial.nextCallID()
        return [.send([.control(.ping, callID: id)]), .expect(.pong(id), within: .seconds(1))]
    }

    /// The module lives, and answers a call if there is one that it has to answer.
    static func alive(_ trial: inout Trial) -> [Step] {
        Self.ping(&trial) + TrialCall.steps(trial.anyCall.map { [$0] } ?? [], atOnce: 1, in: &trial)
    }
}
