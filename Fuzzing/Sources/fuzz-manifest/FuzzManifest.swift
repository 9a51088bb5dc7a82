import Callbacks
import MessageBus
import WireProtocol

/// Whatever a module registers, the dispatcher answers it with one message, and goes on.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzManifest(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let peer = PeerID(rawValue: 1)
    let now = MonotonicTime(nanoseconds: 1_000_000_000)
    var core = DispatcherCore(dispatcher, now: now)
    var actions: [RouterAction] = []
    core.receive(Envelope(Header(kind: .hello), body: hello), from: peer, at: now, into: &actions)
    actions = []
    let manifest = Payload(copying: UnsafeRawBufferPointer(start: data, count: count))
    core.receive(Envelope(Header(kind: .register), body: manifest), from: peer, at: now, into: &actions)
    let answers = actions.compactMap { action -> MessageKind? in
        guard case .send(let envelope, let receiver) = action, receiver == peer else { return nil }
        return envelope.header.kind
    }
    precondition(
        answers.filter { $0 == .registered || $0 == .refused }.count == 1,
        "A registration was answered with \(answers)."
    )
    return 0
}

private let hello = Hello(id: "fuzzed", role: .module, version: "1.0.0", incarnation: "0123456789abcdef").encoded()

private let dispatcher = DispatcherConfiguration(
    modules: [DispatcherConfiguration.Module(id: "fuzzed")],
    catalogue: (try? Catalogue.synapse()) ?? Catalogue(),
    reservedPrefixes: ["/_matrix/client", "/_ganglion"],
    incarnation: "fedcba9876543210"
)
