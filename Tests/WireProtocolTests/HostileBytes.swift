import SeededRandom

extension [UInt8] {
    static func random(count: Int, using random: inout SplitMix64) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            Swift.withUnsafeBytes(of: random.next()) { bytes.append(contentsOf: $0) }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }

    /// Changes the bytes in one of the ways in which bytes go wrong.
    mutating func mutate(using random: inout SplitMix64) {
        let byte = UInt8(truncatingIfNeeded: random.next())
        guard !self.isEmpty else { return self.append(byte) }
        let index = Int.random(in: 0..<self.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: self[index] ^= 1 << (byte & 7)
        case 1: self[index] = byte
        case 2: self.insert(byte, at: index)
        case 3: self.remove(at: index)
        case 4: self.removeLast(self.count - index)
        default: self += self[index...].prefix(16)
        }
    }
}

extension [[UInt8]] {
    /// Changes a frame, or how many there are.
    mutating func mutate(using random: inout SplitMix64) {
        guard !self.isEmpty else { return self.append([]) }
        let index = Int.random(in: 0..<self.count, using: &random)
        switch Int.random(in: 0..<12, using: &random) {
        case 0: self.remove(at: index)
        case 1: self.insert([], at: index)
        case 2: self.append(self[index])
        case 3: self.swapAt(0, index)
        default: self[index].mutate(using: &random)
        }
    }
}
