import Yams

extension ConfigurationValue {
    /// Bound of one module's configuration as JSON text: it travels in a control message of at most 1 MiB, and aliases in YAML can make a
    /// small file very large.
    static let jsonBytesMax = (1 << 20) - (1 << 12)

    /// This value as JSON text, or nil after reporting what JSON cannot say.
    func json() -> [UInt8]? {
        var writer = JSONTextWriter(bytesMax: Self.jsonBytesMax)
        guard self.write(to: &writer) else { return nil }
        guard !writer.isFull else {
            self.report("is more than \(Self.jsonBytesMax) bytes as JSON")
            return nil
        }
        return writer.bytes
    }

    private func write(to writer: inout JSONTextWriter) -> Bool {
        guard !writer.isFull else { return true }
        if let scalar { return self.write(scalar, to: &writer) }
        if self.node.sequence != nil { return self.writeList(to: &writer) }
        return self.writeMapping(to: &writer)
    }

    private func write(_ scalar: PlainScalar, to writer: inout JSONTextWriter) -> Bool {
        switch scalar {
        case .null: writer.write(raw: "null")
        case .boolean(let value): writer.write(raw: value ? "true" : "false")
        case .integer(let value): writer.write(raw: value.description)
        case .number(let text): writer.write(raw: text)
        case .text(let text): writer.write(string: text)
        case .refused(let reason):
            self.report(reason)
            return false
        }
        return true
    }

    private func writeList(to writer: inout JSONTextWriter) -> Bool {
        var complete = true
        writer.write(raw: "[")
        for (index, element) in (self.list(of: "values") ?? []).enumerated() {
            if index > 0 { writer.write(raw: ",") }
            complete = element.write(to: &writer) && complete
        }
        writer.write(raw: "]")
        return complete
    }

    private func writeMapping(to writer: inout JSONTextWriter) -> Bool {
        guard let entries = self.entries() else { return false }
        var complete = true
        writer.write(raw: "{")
        for (index, entry) in entries.enumerated() {
            if index > 0 { writer.write(raw: ",") }
            writer.write(string: entry.key)
            writer.write(raw: ":")
            complete = entry.value.write(to: &writer) && complete
        }
        writer.write(raw: "}")
        return complete
    }
}
