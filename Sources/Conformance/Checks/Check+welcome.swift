internal import WireProtocol

/// What a module does with what its welcome says.
extension Check {
    /// Bodies as long as the welcome allows, and longer ones, which are no messages.
    static let longBodies = Check("long-bodies", section: "§3.2") { trial in
        guard let call = trial.anyCall else { return .skip(Self.nothingToCall) }
        var conduct = Conduct.normal
        conduct.bodySizeMax = Self.bodySizeMax
        let longest = call.padded(to: Self.bodySizeMax)
        // It may answer that, or drop it.
        let tooLong = call.padded(to: Self.bodySizeMax + 1).message(trial.nextCallID())
        return .steps(
            Self.welcomed(conduct, trial) + TrialCall.steps([longest], atOnce: 1, in: &trial)
                + [.send([tooLong])] + Step.alive(&trial) + Self.welcomed(.normal, trial)
        )
    }

    private static let bodySizeMax = 1 << 16

    /// A cache service that does not answer costs a module time, and nothing else.
    static let absentCache = Check("absent-cache", section: "§3.2") { trial in
        guard let call = trial.anyCall else { return .skip(Self.nothingToCall) }
        var conduct = Conduct.normal
        conduct.namesAbsentCache = true
        return .steps(
            Self.welcomed(conduct, trial) + TrialCall.steps([call], atOnce: 1, in: &trial) + Step.ping(&trial)
                + Self.welcomed(.normal, trial)
        )
    }

    /// The module is welcomed anew, with something else than before.
    private static func welcomed(_ conduct: Conduct, _ trial: Trial) -> [Step] {
        [.conduct(conduct), .send([.control(.whoAreYou)])] + Step.beginningAgain(trial)
    }
}

extension TrialCall {
    /// The same call with spaces behind its body, which change nothing in JSON.
    fileprivate func padded(to size: Int) -> TrialCall {
        var call = self
        let body = call.body.bytes
        call.body = Payload(body + [UInt8](repeating: 0x20, count: max(0, size - body.count)))
        return call
    }
}
