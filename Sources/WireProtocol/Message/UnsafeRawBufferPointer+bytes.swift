extension UnsafeRawBufferPointer {
    /// Whether both have the same bytes: eight at a time, which a sequence compares one by one.
    func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
        guard self.count == other.count else { return false }
        var position = 0
        while position + 8 <= self.count {
            let (own, others) = (
                self.loadUnaligned(fromByteOffset: position, as: UInt64.self),
                other.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            )
            guard own == others else { return false }
            position += 8
        }
        while position < self.count {
            guard self[position] == other[position] else { return false }
            position += 1
        }
        return true
    }
}
