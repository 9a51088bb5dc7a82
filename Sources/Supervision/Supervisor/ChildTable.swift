import Foundation

/// The children that have not been reaped, by name.
///
/// A class around slots, because a dictionary cannot hold values that must not be copied.
struct ChildTable {
    private final class Slot {
        var child: SupervisedChild?

        init(_ child: consuming SupervisedChild) {
            self.child = consume child
        }
    }

    private var slots: [String: Slot] = [:]

    /// Starts a process and keeps it.
    mutating func spawn(
        _ name: String,
        _ command: ProcessCommand,
        inheriting lock: Int32?
    ) throws(SupervisionError) -> pid_t {
        let process = try ChildProcess(command, inheriting: lock)
        let pid = process.pid
        self.slots[name] = Slot(SupervisedChild(process))
        return pid
    }

    func signal(_ number: Int32, _ name: String) {
        self.slots[name]?.child?.process.signal(number)
    }

    /// Descriptors that can become readable.
    var openOutputs: [Int32] {
        self.slots.values.compactMap { slot in
            guard let isOpen = slot.child?.isOutputOpen, isOpen else { return nil }
            return slot.child?.process.output.number
        }
    }

    func forEachLine(_ body: (String, [UInt8]) -> Void) {
        for (name, slot) in self.slots {
            for line in slot.child?.readLines() ?? [] { body(name, line) }
        }
    }

    /// Takes what an ended process left: how it ended, its last lines, and the last of them that says something.
    mutating func reap(_ name: String, pid: pid_t) -> (ProcessExit, lines: [[UInt8]], words: String)? {
        guard let slot = self.slots[name], slot.child?.process.pid == pid else { return nil }
        let lines = slot.child?.readLastLines() ?? []
        let words = slot.child?.lastWords ?? ""
        self.slots[name] = nil
        guard let exit = slot.child.take()?.reap() else { return nil }
        return (exit, lines, words)
    }
}
