import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Whose an answer's bytes are on their way through the dispatcher.
struct AnswerTests {
    private final class Memory: PayloadStorage, @unchecked Sendable {
        // Written before anybody else has them.
        let bytes: UnsafeRawBufferPointer

        init(_ text: String) {
            let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count, alignment: 1)
            bytes.copyBytes(from: text.utf8)
            self.bytes = UnsafeRawBufferPointer(bytes)
        }

        deinit { self.bytes.deallocate() }
    }

    private static func body(of action: consuming RouterAction) -> Payload? {
        switch consume action {
        case .send(var envelope, _): envelope.takeBody()
        case .log, .nothing: nil
        }
    }

    /// What a module says is handed on, and whether nobody else has it.
    private static func isHandedOver(_ rig: inout DispatcherRig, by module: PeerID, to call: Envelope) -> Bool {
        var actions: [RouterAction] = []
        rig.core.receive(
            Envelope(
                Header(kind: .reply, flags: MessageFlags(.answer), callID: call.header.callID),
                body: Payload(external: Memory("\"M_FORBIDDEN\""))
            ),
            from: module,
            at: rig.now,
            into: &actions
        )
        var body = actions.popLast().flatMap { Self.body(of: $0) } ?? .empty
        #expect(body.text == "\"M_FORBIDDEN\"")
        guard var memory = body.takeStorage(as: Memory.self) else { return false }
        return isKnownUniquelyReferenced(&memory)
    }

    @Test func itIsHandedOverWhereNobodyElseHasIt() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [ChainTests.spam], as: 1)
        let host = rig.host()
        rig.call(ChainTests.spamTarget, as: host)
        let call = try rig.takeOne(.call, for: 1)
        #expect(Self.isHandedOver(&rig, by: 1, to: call))
    }

    @Test func itIsSharedWhileAModuleInShadowIsStillToBeComparedWithIt() throws {
        var (rig, host) = try ShadowTests.rig()
        rig.call(ChainTests.spamTarget, as: host)
        let call = try rig.takeOne(.call, for: 2)
        #expect(!Self.isHandedOver(&rig, by: 2, to: call))
    }
}
