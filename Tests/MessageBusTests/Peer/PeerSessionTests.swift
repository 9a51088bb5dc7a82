import Testing
import WireProtocol

@testable import MessageBus

struct PeerSessionTests {
    // MARK: The usual way

    @Test func packsAreReadOnlyByAnOtherSideThatSaysSoOnThisConnection() {
        var script = PeerSessionScript()
        #expect(!script.session.readsPacks)
        _ = script.connected()
        let welcome = Envelope(Header(kind: .welcome, flags: .packs), body: PeerSessionScript.welcome.encoded())
        _ = script.session.receive(welcome, at: .at(script.now))
        #expect(script.session.readsPacks)
        _ = script.connected()
        #expect(!script.session.readsPacks)
        _ = script.welcome()
        #expect(!script.session.readsPacks)
    }

    @Test func aModuleIntroducesItselfRegistersAndIsReady() {
        var script = PeerSessionScript()
        let hello = script.connected()
        #expect(hello == [.send(Envelope(Header(kind: .hello, flags: .packs), body: script.session.hello.encoded()))])
        let build = script.welcome()
        #expect(build == [.build(PeerSessionScript.welcome)])
        let register = script.register()
        #expect(register == [.send(Envelope(Header(kind: .register), body: Manifest().encoded()))])
        let start = script.registered()
        #expect(start == [.start(PeerSessionScript.registered)])
        #expect(!script.session.isReady)
        let ready = script.ready()
        #expect(ready == [.send(Envelope(Header(kind: .ready))), .becameReady])
        #expect(script.session.isReady)
    }

    @Test func aHostIsReadyAtOnce() {
        var script = PeerSessionScript(.host)
        _ = script.connected()
        let ready = script.welcome()
        #expect(ready == [.send(Envelope(Header(kind: .ready))), .becameReady])
        let table = script.receive(.table, body: PeerSessionScript.table.encoded())
        #expect(table == [.updateTable(PeerSessionScript.table)])
    }

    @Test func whatAModuleSaysOfItsReadinessGoesOutWithEveryReady() {
        var script = PeerSessionScript.at(.starting)
        let reason = Readiness(disabledBecause: "no licence")
        #expect(script.session.announce(reason).isEmpty)
        let disabled = PeerSession.Action.send(Envelope(Header(kind: .ready), body: reason.body))
        #expect(script.ready() == [disabled, .becameReady])
        #expect(script.session.announce(reason).isEmpty)
        #expect(script.session.announce(Readiness()) == [.send(Envelope(Header(kind: .ready)))])
        #expect(script.session.announce(reason) == [disabled])
        _ = script.connected()
        _ = script.welcome()
        _ = script.register()
        _ = script.registered()
        #expect(script.ready() == [disabled, .becameReady])
    }

    @Test func theStatesAreReachedInOrder() {
        for state in PeerSession.State.all {
            #expect(PeerSessionScript.at(state).session.state == state)
        }
    }

    // MARK: Refusals and bad answers

    @Test(arguments: [PeerSession.State.greeting, .registering])
    func aRefusedPeerStaysConnectedAndTellsWhy(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        let actions = script.refused()
        #expect(actions == [.refuse(PeerSessionScript.refusal)])
        #expect(script.session.state == .refused)
        let ping = script.advance(by: 1000)
        #expect(ping.map(\.sent) == [.ping])
    }

    @Test func aRefusedHelloIsSaidAgainEverMoreSeldomAndToldOnce() {
        var script = PeerSessionScript.at(.refused)
        var (hellos, told) = ([UInt64](), 0)
        let start = script.now
        for _ in 0..<200 {
            script.now += 1000
            let actions = script.receive(.whoAreYou)
            guard actions.contains(where: { $0.sent == .hello }) else { continue }
            hellos.append((script.now - start) / 1000)
            told += script.refused().count
        }
        #expect(hellos == [1, 3, 7, 15, 31, 61, 91, 121, 151, 181])
        #expect(told == 0)
        _ = script.connected()
        _ = script.welcome()
        _ = script.register()
        let refusal = script.refused()
        #expect(refusal == [.refuse(PeerSessionScript.refusal)])
    }

    @Test(arguments: [PeerSession.State.starting, .ready])
    func aModuleWhoseRegistrationIsWithdrawnIsToldAndFinishesWhatItHas(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        let actions = script.refused()
        #expect(actions == [.refuse(PeerSessionScript.refusal)])
        #expect(script.session.state == .withdrawn)
        #expect(!script.session.isReady)
        let mayFinish = script.session.admitCall(at: .at(script.now))
        #expect(mayFinish)
        let late = script.ready()
        #expect(late.isEmpty)
    }

    @Test(arguments: [
        (PeerSession.State.greeting, MessageKind.welcome), (.greeting, .refused), (.registering, .registered),
        (.registering, .refused), (.ready, .table),
    ])
    func anAnswerThatCannotBeReadChangesNothing(state: PeerSession.State, kind: MessageKind) {
        var script = PeerSessionScript.at(state)
        let actions = script.receive(kind, body: "{")
        guard case .malformed(let error)? = actions.first else {
            Issue.record("\(actions)")
            return
        }
        #expect(error.code == .controlBody)
        #expect(actions.count == 1)
        #expect(script.session.state == state)
    }

    @Test func aVersionThatWasNotOfferedIsNotSpoken() {
        var script = PeerSessionScript.at(.greeting)
        let actions = script.receive(.welcome, body: Welcome(protocolVersion: 2, dispatcher: "d").encoded())
        #expect(actions.count == 1)
        #expect(script.session.state == .greeting)
    }

    @Test(arguments: PeerSession.State.all.filter { ![.disconnected, .stopped].contains($0) })
    func whatIsNotForAPeerIsMalformed(state: PeerSession.State) {
        for kind in [MessageKind.hello, .register, .ready, .chunk, .credit, .pack] {
            var script = PeerSessionScript.at(state)
            let actions = script.receive(kind)
            #expect(actions.count == 1)
            guard case .malformed? = actions.first else {
                Issue.record("\(kind) in \(state): \(actions)")
                continue
            }
        }
    }

    @Test(arguments: PeerSession.State.all)
    func answersThatNobodyWaitsForAreIgnored(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        var actions: [PeerSession.Action] = []
        // A refusal may be of what was said before `HELLO`, which is still to be answered.
        if state != .greeting, state != .refused { actions += script.welcome() }
        if state != .registering { actions += script.registered() }
        if ![.greeting, .registering, .starting, .ready].contains(state) { actions += script.refused() }
        #expect(actions.isEmpty)
        #expect(script.session.state == state)
    }

    @Test func aRefusalThatHasCrossedTheHelloLeavesNobodyBehind() {
        var script = PeerSessionScript.at(.registering)
        _ = script.receive(.whoAreYou)
        #expect(script.session.state == .greeting)
        // The answer to the registration, which was on its way.
        _ = script.refused()
        #expect(script.session.state == .refused)
        let actions = script.welcome()
        #expect(actions == [.build(PeerSessionScript.welcome)])
        #expect(script.session.state == .building)
    }

    @Test func aRefusedRegistrationIsNotUndoneByAWelcome() {
        var script = PeerSessionScript.at(.registering)
        _ = script.refused()
        let actions = script.welcome()
        #expect(actions.isEmpty)
        #expect(script.session.state == .refused)
    }

    @Test(arguments: [PeerSession.State.greeting, .registering])
    func anAnswerThatDoesNotComeIsNotAwaitedForEver(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        var actions: [PeerSession.Action] = []
        let start = script.now
        while actions.isEmpty || actions.map(\.sent) == [.ping] {
            // The dispatcher is alive, and answers every ping.
            _ = script.receive(.pong)
            actions = script.advance(by: 100)
        }
        #expect(actions == [.dropCalls, .reconnect])
        #expect(script.now - start == UInt64(PeerSession.answerMilliseconds))
        #expect(script.session.state == .disconnected)
    }

    @Test func buildingMayTakeAsLongAsItTakes() {
        var script = PeerSessionScript.at(.building)
        for _ in 0..<1000 {
            _ = script.receive(.pong)
            let actions = script.advance(by: 900)
            #expect(actions.allSatisfy { $0.sent == .ping })
        }
        #expect(script.session.state == .building)
    }

    // MARK: Unknown, lost, and connected again

    @Test(arguments: PeerSession.State.all)
    func whoAreYouIsAnsweredWithHelloWhereThatMakesSense(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        // Long enough after the last HELLO, and longer after one that was refused.
        script.now += state == .refused ? 1000 : 100
        let actions = script.receive(.whoAreYou)
        switch state {
        case .disconnected, .stopped: #expect(actions.isEmpty)
        case .draining, .drained:
            #expect(actions == [.dropCalls])
            #expect(script.session.state == .disconnected)
        default:
            #expect(actions.first == .dropCalls)
            #expect(actions.dropFirst().map(\.sent) == [.hello])
            #expect(script.session.state == .greeting)
        }
    }

    @Test func whoHasJustSaidHelloDoesNotSayItTwice() {
        var script = PeerSessionScript.at(.greeting)
        script.now += 99
        let early = script.receive(.whoAreYou)
        #expect(early.isEmpty)
        script.now += 1
        let late = script.receive(.whoAreYou)
        #expect(late.map(\.sent) == [nil, .hello])
    }

    @Test(arguments: PeerSession.State.all)
    func aLostConnectionDropsTheCallsOnce(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        let first = script.session.disconnected()
        #expect(first == (state == .disconnected || state == .stopped ? [] : [.dropCalls]))
        let second = script.session.disconnected()
        #expect(second.isEmpty)
        #expect(script.session.nextDeadline == nil)
    }

    @Test(arguments: PeerSession.State.all)
    func aNewConnectionBeginsWithHello(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        let number = script.session.number
        let actions = script.connected()
        switch state {
        case .stopped: #expect(actions.isEmpty)
        case .draining, .drained: #expect(actions == [.dropCalls])
        case .disconnected: #expect(actions.map(\.sent) == [.hello])
        default: #expect(actions.map(\.sent) == [nil, .hello])
        }
        #expect(state == .stopped || script.session.number > number)
    }

    @Test func silenceEndsTheConnectionAndOpensAnother() {
        var script = PeerSessionScript.at(.ready)
        var actions: [PeerSession.Action] = []
        for _ in 0..<100 where !actions.contains(.reconnect) { actions = script.advance(by: 100) }
        #expect(actions == [.dropCalls, .reconnect])
        #expect(script.now == 1000 + 6000)
        let again = script.connected()
        #expect(again.map(\.sent) == [.hello])
    }

    @Test func pingsAreAnsweredWithTheirID() {
        for state in PeerSession.State.all where state != .disconnected && state != .stopped {
            var script = PeerSessionScript.at(state)
            let actions = script.receive(.ping, callID: 77)
            #expect(actions == [.send(Envelope(Header(kind: .pong, callID: 77)))])
        }
    }

    // MARK: Stale work

    @Test func theWorkOfAnOldSessionIsIgnored() {
        var script = PeerSessionScript.at(.building)
        let old = script.session.number
        _ = script.session.disconnected()
        _ = script.connected()
        _ = script.welcome()
        let stale = script.session.register(Manifest(), inSession: old, at: .at(script.now))
        #expect(stale.isEmpty)
        #expect(script.session.state == .building)
        _ = script.register()
        _ = script.registered()
        let staleReady = script.session.ready(inSession: old)
        #expect(staleReady.isEmpty)
        let ready = script.ready()
        #expect(ready.last == .becameReady)
    }

    // MARK: The end

    @Test func drainingEndsWhenTheDispatcherHasSeenIt() {
        var script = PeerSessionScript.at(.ready)
        let actions = script.session.drain()
        #expect(actions.map(\.sent) == [.drain, .ping])
        _ = script.receive(.pong, callID: 0)
        #expect(script.session.state == .draining)
        #expect(script.session.isReady)
        _ = script.receive(.pong, callID: PeerSession.drainPing)
        #expect(script.session.state == .drained)
        #expect(script.session.isReady)
    }

    @Test(arguments: PeerSession.State.all.filter { $0 != .ready })
    func onlyWhoIsReadyDrains(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        let actions = script.session.drain()
        #expect(actions.isEmpty)
        #expect(script.session.state == state)
    }

    @Test(arguments: PeerSession.State.all)
    func theLastWordIsByeAndNothingFollows(state: PeerSession.State) {
        var script = PeerSessionScript.at(state)
        let farewell = Farewell(reason: .failed, problems: [Farewell.Problem(message: "m")])
        let actions = script.session.stop(farewell)
        if state == .disconnected || state == .stopped {
            #expect(actions.isEmpty)
        } else {
            #expect(actions == [.send(Envelope(Header(kind: .bye), body: farewell.encoded())), .dropCalls])
        }
        #expect(script.session.state == .stopped)
        let later = script.connected() + script.receive(.whoAreYou) + script.advance(by: 100_000)
        #expect(later.isEmpty)
        #expect(!script.session.isReady)
    }
}
