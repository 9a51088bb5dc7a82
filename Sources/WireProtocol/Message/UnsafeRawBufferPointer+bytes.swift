extension UnsafeRawBufferPointer {
    /// Whether both have the same bytes: eight at a time, which a sequence compares one by one.
    func hasBytes(of other: UnsafeRawBufferPointer) -> Bool {
        guard self.count == other.count else { return false }
        guard self.count >= 8 else { return self.elementsEqual(other) }
        // The last eight once more rather than what is left one by one.
        let last = self.count - 8
        var position = 0
        while position < last {
            guard self.word(at: position) == other.word(at: position) else { return false }
            position += 8
        }
        return self.word(at: last) == other.word(at: last)
    }

    /// Eight bytes, the first in the lowest place.
    @inline(__always)
    func word(at position: Int) -> UInt64 {
        UInt64(littleEndian: self.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
}
