import Callbacks
import MessageBus
import SeededRandom
import WireProtocol

/// The real dispatcher's core, from which a rule can be taken away: between it and the network, so that the core itself has nothing for it.
///
/// An object, because the core is large and is looked at after every message.
final class MutableCore {
    private var core: DispatcherCore
    private var mutation: Mutation?
    private let moduleCount: Int

    init(_ configuration: DispatcherConfiguration, mutant: Mutant?, now: MonotonicTime) {
        self.core = DispatcherCore(configuration, now: now)
        let shadows = Set(configuration.modules.filter(\.isShadow).map(\.id))
        self.mutation = mutant.map { Mutation($0, shadows: shadows) }
        self.moduleCount = configuration.modules.count
    }

    var nextDeadline: MonotonicTime? {
        guard let next = self.core.nextDeadline else { return nil }
        return self.mutation?.noticed(next) ?? next
    }
    var chains: [[Int]] {
        VirtualCallback.all.indices.map { callback in
            self.core.members(ofCallback: callback).map { self.mutation?.place($0, of: self.moduleCount) ?? $0 }
        }
    }

    var tableMessage: Payload { self.core.tableMessage }

    var books: DispatcherBooks {
        var books = self.core.books
        self.mutation?.change(&books, moduleCount: self.moduleCount)
        return books
    }

    func take(_ input: DispatcherInput, at now: MonotonicTime, into actions: inout [RouterAction]) {
        guard self.mutation != nil else { return self.hear(input, at: now, into: &actions) }
        var wanted: [RouterAction] = []
        for input in self.mutation?.heard(input, at: now) ?? [] { self.hear(input, at: now, into: &wanted) }
        for action in wanted {
            guard case .send(let envelope, let peer) = action else { continue }
            let (said, answers) = self.mutation?.said(envelope, to: peer, at: now) ?? ([], [])
            actions += said
            for answer in answers { self.take(answer, at: now, into: &actions) }
        }
    }

    private func hear(_ input: DispatcherInput, at now: MonotonicTime, into actions: inout [RouterAction]) {
        switch input {
        case .receive(let envelope, let peer): self.core.receive(envelope, from: peer, at: now, into: &actions)
        case .malformed(let peer):
            let error = WireError(.headerTooShort, "garbage")
            self.core.receiveMalformed(error, from: peer, at: now, into: &actions)
        case .failed(let header, let peer, let reason):
            self.core.sendFailed(header, to: peer, reason: reason, at: now, into: &actions)
        case .connectionsChanged: self.core.connectionsChanged(at: now, into: &actions)
        case .advance: self.core.advance(to: now, into: &actions)
        case .stop: self.core.stop(at: now, into: &actions)
        }
    }
}
