import Dispatch
import Foundation
import MessageBus
import Synchronization
import WireProtocol
import ZeroMQ

/// What a bad module does with what it hears.
final class BadConduct: BusConnectionDelegate {
    private static let page = "/_modules/bad/page"
    private static let startTime = Duration.seconds(6)
    private static let answerTime = Duration.seconds(30)

    private let misbehaviour: Misbehaviour
    private let endpoint: String
    private let hasFlooded = Atomic<Bool>(false)
    private let floodLoop = PollLoop(label: "flood")

    init(_ misbehaviour: Misbehaviour, endpoint: String) {
        self.misbehaviour = misbehaviour
        self.endpoint = endpoint
    }

    func welcomed(_ welcome: Welcome) async throws -> Manifest {
        if self.misbehaviour == .slowStart { try await Task.sleep(for: Self.startTime) }
        return Manifest(
            routes: [RouteClaim(path: Self.page)],
            callbacks: [CallbackClaim(category: "spam_checker", name: "check_event_for_spam")]
        )
    }

    func registered(_ registered: Registered) async throws {}

    func refused(_ refusal: Refusal) async {
        for reason in refusal.reasons { Self.say("refused: \(reason.code) \(reason.item): \(reason.message)") }
    }

    func serve(_ call: InboundCall) async -> BusReply {
        let isWeb = call.target.hasPrefix("web/") && call.target.hasSuffix(Self.page)
        switch self.misbehaviour {
        case .none, .slowStart, .diesInDrain, .liesAboutItsID: break
        case .slowAnswer:
            // Nor does it listen to who gives up.
            await Self.waitWithoutListening(Self.answerTime)
        case .wrongAnswer:
            let metadata: Payload? = isWeb ? #"{"status":99}"# : nil
            return BusReply(status: .answer, metadata: metadata, body: #"{"no":"verdict"}"#)
        case .neverAnswers: await Self.waitWithoutListening(.seconds(86_400))
        case .floods: await self.flood()
        case .diesInCall: kill(getpid(), SIGKILL)
        }
        guard isWeb || call.target == "callback/spam_checker/check_event_for_spam" else {
            return BusReply(fault: BusFault(.notFound, "there is no \(call.target)"))
        }
        return isWeb ? BusReply(status: .answer, body: "good") : BusReply(status: .continue)
    }

    /// Unlike `print`, at once, also into a pipe.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    private static func waitWithoutListening(_ time: Duration) async {
        await withCheckedContinuation { waiter in
            DispatchQueue.global().asyncAfter(deadline: .now() + time / .seconds(1)) { waiter.resume() }
        }
    }

    /// Sends noise over a connection of its own, on a loop of its own, until the process ends; whoever begins it waits until it is heard.
    private func flood() async {
        guard !self.hasFlooded.exchange(true, ordering: .relaxed) else { return }
        await withCheckedContinuation { waiter in
            do {
                try self.floodLoop.start()
                try self.floodLoop.execute { [loop = self.floodLoop, endpoint = self.endpoint] in
                    do {
                        loop.attach(try Flood(to: endpoint) { waiter.resume() })
                    } catch {
                        Self.say("the flood cannot begin: \(error)")
                        waiter.resume()
                    }
                }
            } catch {
                Self.say("the flood cannot begin: \(error)")
                waiter.resume()
            }
        }
    }
}
