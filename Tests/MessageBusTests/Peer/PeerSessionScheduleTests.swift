import SeededRandom
import Testing
import WireProtocol

@testable import MessageBus

/// Any events in any order keep what a session promises.
struct PeerSessionScheduleTests {
    /// What has been seen of a session since the last connection.
    private struct Observer {
        var hasStopped = false
        var mayGreet = false

        mutating func expect(_ actions: [PeerSession.Action], _ session: PeerSession, _ seed: UInt64) {
            if self.hasStopped, !actions.isEmpty { Issue.record("seed \(seed): \(actions) after the end") }
            let hellos = actions.filter { $0.sent == .hello }.count
            if hellos > (self.mayGreet ? 1 : 0) { Issue.record("seed \(seed): HELLO without a reason") }
            if actions.filter({ $0 == .dropCalls }).count > 1 { Issue.record("seed \(seed): calls dropped twice") }
            for action in actions { self.expect(action, session, seed) }
            let isSilent = session.state == .disconnected || session.state == .stopped
            if isSilent != (session.nextDeadline == nil) { Issue.record("seed \(seed): \(session.state) and no time") }
            self.mayGreet = false
        }

        private func expect(_ action: PeerSession.Action, _ session: PeerSession, _ seed: UInt64) {
            switch action {
            case .becameReady where !session.isReady: Issue.record("seed \(seed): ready in \(session.state)")
            case .reconnect where session.state != .disconnected: Issue.record("seed \(seed): two connections")
            case .build where session.state != .building: Issue.record("seed \(seed): builds in \(session.state)")
            case .start where session.state != .starting: Issue.record("seed \(seed): starts in \(session.state)")
            default: break
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func randomEventsKeepThePromises(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var script = PeerSessionScript(seed % 3 == 0 ? .host : .module)
        var observer = Observer()
        for step in 0..<600 {
            let actions = Self.event(&script, &observer, isLast: step > 550, using: &random)
            observer.expect(actions, script.session, seed)
        }
    }

    private static func event(
        _ script: inout PeerSessionScript,
        _ observer: inout Observer,
        isLast: Bool,
        using random: inout SplitMix64
    ) -> [PeerSession.Action] {
        script.now += UInt64.random(in: 0...60, using: &random)
        let stale = script.session.number - Int.random(in: 0...2, using: &random)
        switch Int.random(in: 0..<(isLast ? 16 : 15), using: &random) {
        case 0:
            observer.mayGreet = true
            return script.connected()
        case 1: return Int.random(in: 0..<4, using: &random) == 0 ? script.session.disconnected() : script.ready()
        case 2, 3: return script.welcome()
        case 4, 5: return script.register()
        case 6, 7: return script.registered()
        case 8: return script.session.ready(inSession: stale)
        case 9: return script.session.register(Manifest(), inSession: stale, at: .at(script.now))
        case 10:
            observer.mayGreet = true
            return script.receive(.whoAreYou)
        case 11: return Int.random(in: 0..<9, using: &random) == 0 ? script.session.drain() : script.receive(.pong)
        case 12: return script.advance(by: UInt64.random(in: 0...1500, using: &random))
        case 13: return Self.anyMessage(&script, using: &random)
        case 14:
            let isAdmitted = script.session.admitCall(at: .at(script.now))
            let mayHaveCalls = [.ready, .withdrawn, .draining, .drained].contains(script.session.state)
            if isAdmitted != mayHaveCalls { Issue.record("a call in \(script.session.state)") }
            return []
        default:
            let actions = script.session.stop(Farewell(reason: .shutdown))
            if observer.hasStopped, !actions.isEmpty { Issue.record("stopped twice") }
            observer.hasStopped = true
            return []
        }
    }

    /// Also the kinds that a dispatcher never sends, and bodies that cannot be read.
    private static func anyMessage(
        _ script: inout PeerSessionScript,
        using random: inout SplitMix64
    ) -> [PeerSession.Action] {
        let kind = MessageKind.allCases.randomElement(using: &random) ?? .ping
        guard kind != .whoAreYou else { return [] }
        let body: Payload = Bool.random(using: &random) ? "{}" : "{"
        return script.receive(kind, body: body, callID: UInt64.random(in: 0...2, using: &random))
    }
}
