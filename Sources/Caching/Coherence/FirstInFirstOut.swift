/// A queue whose oldest element is taken in constant time.
struct FirstInFirstOut<Element> {
    private var elements: [Element] = []
    private var start = 0

    var count: Int { self.elements.count - self.start }
    var first: Element? { self.start < self.elements.count ? self.elements[self.start] : nil }

    /// The elements in order, the oldest first.
    var inOrder: ArraySlice<Element> { self.elements[self.start...] }

    mutating func append(_ element: Element) {
        self.elements.append(element)
    }

    mutating func popFirst() -> Element? {
        guard let first = self.first else { return nil }
        self.start += 1
        // Half of the array is empty: moving the rest costs one step for each element taken.
        if self.start * 2 > self.elements.count {
            self.elements.removeFirst(self.start)
            self.start = 0
        }
        return first
    }
}

extension FirstInFirstOut: Sendable where Element: Sendable {}
