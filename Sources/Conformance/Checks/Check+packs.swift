internal import WireProtocol

extension Check {
    /// Several calls in one message, and a pack that ends in the middle of one.
    static let packs = Check("packs", section: "§2.4") { trial in
        guard trial.readsPacks else { return .skip("the module does not say that it reads packs") }
        guard let call = trial.anyCall else { return .skip(Self.nothingToCall) }
        var conduct = Conduct.normal
        conduct.readsPacks = true
        let begin: [Step] = [.conduct(conduct), .send([.control(.whoAreYou)])] + Step.beginningAgain(trial)
        let calls = (0..<8).map { _ in (call, trial.nextCallID()) }
        let last = (call, trial.nextCallID())
        let cancel = Envelope(Header(kind: .cancel, callID: trial.nextCallID()))
        // What can be read of a broken pack counts.
        let broken = Pack.encoded([last.0.envelope(last.1)]) + [24, 0, 0, 0, 0, 0]
        let work: [Step] = [
            .send([.pack(calls.map { $0.envelope($1) } + [cancel])]),
            .expect(calls.map { $0.reply($1) }, within: call.deadline),
            .send([.frames([Header(kind: .pack).encoded(), broken], calling: [last.1])]),
            .expect(last.0.reply(last.1), within: call.deadline),
        ]
        // The checks after this one go on without packs.
        let end: [Step] = [.conduct(.normal), .send([.control(.whoAreYou)])] + Step.beginningAgain(trial)
        return .steps(begin + work + Step.ping(&trial) + end)
    }
}
