/// Writes JSON text into a bounded buffer.
struct JSONTextWriter {
    private(set) var bytes: [UInt8] = []
    private let bytesMax: Int

    init(bytesMax: Int = .max) {
        self.bytesMax = bytesMax
    }

    /// True once the bound was passed; what is written after that may be dropped.
    var isFull: Bool { self.bytes.count > self.bytesMax }

    mutating func write(raw text: String) {
        self.bytes.append(contentsOf: text.utf8)
    }

    mutating func write(string text: String) {
        guard !self.isFull else { return }
        self.bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            self.write(escaping: byte)
        }
        self.bytes.append(UInt8(ascii: "\""))
    }

    private mutating func write(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): self.write(raw: "\\\"")
        case UInt8(ascii: "\\"): self.write(raw: "\\\\")
        case UInt8(ascii: "\n"): self.write(raw: "\\n")
        case UInt8(ascii: "\r"): self.write(raw: "\\r")
        case UInt8(ascii: "\t"): self.write(raw: "\\t")
        case 0..<0x20, 0x7F: self.write(raw: "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))")
        default: self.bytes.append(byte)
        }
    }
}
