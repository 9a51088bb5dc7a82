/// The calls to invalidate that have been numbered, so that one that is repeated because its reply was lost is not numbered again.
///
/// Forgetting one is harmless: a repeated invalidation gets a second number and costs a few hits.
struct RecentWrites: Sendable {
    private struct Name: Hashable {
        var writer: String
        var id: UInt64
    }

    private var numbers: [Name: UInt64] = [:]
    private var order = FirstInFirstOut<Name>()
    private let countMax: Int

    init(countMax: Int) {
        self.countMax = countMax
    }

    func number(writer: String, id: UInt64) -> UInt64? {
        self.numbers[Name(writer: writer, id: id)]
    }

    mutating func note(writer: String, id: UInt64, number: UInt64) {
        let name = Name(writer: writer, id: id)
        self.numbers[name] = number
        self.order.append(name)
        while self.order.count > self.countMax, let oldest = self.order.popFirst() {
            self.numbers[oldest] = nil
        }
    }
}
