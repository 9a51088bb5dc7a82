import Foundation

/// Both ends of a pipe, closed on exec: a sibling that inherited the writing end of a lifeline would keep it alive.
struct DescriptorPipe: ~Copyable {
    let read: Descriptor
    let write: Descriptor

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        let readEnd = Descriptor(owning: ends[0])
        let writeEnd = Descriptor(owning: ends[1])
        guard let read = readEnd.raised(), let write = writeEnd.raised() else { return nil }
        self.read = read
        self.write = write
    }

    consuming func takeRead() -> Descriptor { self.read }

    consuming func takeWrite() -> Descriptor { self.write }
}
