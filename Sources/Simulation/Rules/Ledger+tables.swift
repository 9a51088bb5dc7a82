import Callbacks
import MessageBus
import WireProtocol

/// Who has been told which table.
struct LedgerTables {
    /// The shortest pause between two tables, and what each of its bytes adds (`docs/wire-protocol.md`, §6).
    private static let pause: UInt64 = 5_000_000
    private static let pausePerByte: UInt64 = 50

    /// By host the epoch of the newest table that it was sent.
    var epochs: [PeerID: UInt64] = [:]
    /// Hosts that took no table, and are sent it again some time.
    var refusing: Set<PeerID> = []
    /// Until when all must not be told, and until when they need not.
    private(set) var pauseEnd = (strict: MonotonicTime(nanoseconds: 0), lax: MonotonicTime(nanoseconds: 0))

    /// Notes that all were told, with a table of so many bytes; or perhaps only some that had taken none before.
    mutating func told(bytes: Int, isSure: Bool, at now: MonotonicTime) {
        let end = MonotonicTime(nanoseconds: now.nanoseconds + Self.pause + UInt64(bytes) * Self.pausePerByte)
        self.pauseEnd.lax = end
        if isSure { self.pauseEnd.strict = end }
    }
}

// MARK: Tables

extension Ledger {
    /// Hosts are told what changes: at once when nothing has changed for a while, else when a pause is over.
    mutating func checkTables(_ actions: [RouterAction]) {
        if case .failed(let header, let peer, .congested) = self.input, header.kind == .table {
            self.tables.refusing.insert(peer)
        }
        let newcomer = self.input.message(.ready)?.peer
        var told: (bytes: Int, isSure: Bool)?
        for case .send(let envelope, let peer) in actions where envelope.header.kind == .table {
            // Several changes may come of one thing, of which the first is told.
            if !(self.before.epoch...self.after.epoch).contains(envelope.header.epoch) {
                self.report(.epoch, "host \(peer) was told of \(envelope.header.epoch), and it is \(self.after.epoch)")
            }
            self.tables.epochs[peer] = envelope.header.epoch
            let isSure = self.tables.refusing.remove(peer) == nil
            if peer != newcomer { told = (envelope.body.count, isSure || told?.isSure == true) }
        }
        if let (bytes, isSure) = told {
            if isSure, self.now < self.tables.pauseEnd.strict {
                self.report(.epoch, "hosts are told again before the pause is over")
            }
            self.tables.told(bytes: bytes, isSure: isSure, at: self.now)
        }
        for entry in self.after.entries where entry.module == nil && entry.state == .ready {
            self.checkTable(of: entry.peer, isNew: entry.peer == newcomer)
        }
    }

    private mutating func checkTable(of host: PeerID, isNew: Bool) {
        let epoch = self.tables.epochs[host]
        guard epoch != self.after.epoch, !self.tables.refusing.contains(host) else { return }
        guard isNew && epoch == nil || self.now > max(self.tables.pauseEnd.lax, self.asleepUntil) else { return }
        let known = epoch.map(String.init) ?? "nothing"
        self.report(.epoch, "host \(host) was told of \(known), and it is \(self.after.epoch)")
    }
}
