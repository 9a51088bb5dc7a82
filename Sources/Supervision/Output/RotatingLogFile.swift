import Foundation

/// A log file of bounded size: when it is full it becomes `<name>.1` and a new one begins.
struct RotatingLogFile: ~Copyable {
    static let bytesMax = 4 << 20

    private let path: String
    private let bytesMax: Int
    private var descriptor: Descriptor?
    private var bytes = 0

    init(path: String, bytesMax: Int = Self.bytesMax) {
        self.path = path
        self.bytesMax = bytesMax
        self.open()
    }

    /// Appends a line; a disk that is full costs lines of the log and nothing else.
    mutating func append(_ line: [UInt8]) {
        if self.bytes > 0, self.bytes + line.count + 1 > self.bytesMax {
            self.rotate()
        }
        guard let number = self.number else { return }
        let bytes = line + [UInt8(ascii: "\n")]
        self.bytes += max(0, write(number, bytes, bytes.count))
    }

    private var number: Int32? {
        switch self.descriptor {
        case .some(let descriptor): descriptor.number
        case .none: nil
        }
    }

    private mutating func rotate() {
        rename(self.path, "\(self.path).1")
        self.open()
    }

    private mutating func open() {
        let number = Foundation.open(self.path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        self.descriptor = number < 0 ? nil : Descriptor(owning: number)
        var status = stat()
        self.bytes = number >= 0 && fstat(number, &status) == 0 ? Int(status.st_size) : 0
    }
}
