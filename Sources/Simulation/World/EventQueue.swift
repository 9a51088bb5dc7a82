/// Events in the order of their times; those of one time in the order in which they were added.
public struct EventQueue<Event> {
    private var places = PlaceHeap()
    /// By place; nil where the next event may be put.
    private var events: [Event?] = []
    private var free: [Int] = []

    public init() {}

    public mutating func add(_ event: Event, at time: UInt64) {
        if let place = self.free.popLast() {
            self.events[place] = event
            self.places.add(place, at: time)
        } else {
            self.events.append(event)
            self.places.add(self.events.count - 1, at: time)
        }
    }

    /// Takes the next event out.
    public mutating func popFirst() -> (at: UInt64, event: Event)? {
        guard let (place, time) = self.places.popFirst(), let event = self.events[place] else { return nil }
        self.events[place] = nil
        self.free.append(place)
        return (time, event)
    }
}

/// Numbers in the order of their times, apart from what is at their places: moving a few of them is most of what a queue does, also in a debug build.
private struct PlaceHeap {
    private struct Entry {
        var time: UInt64
        var order: Int
        var place: Int

        func isEarlier(than other: Entry) -> Bool {
            guard self.time == other.time else { return self.time < other.time }
            return self.order < other.order
        }
    }

    private var heap: [Entry] = []
    private var nextOrder = 0

    mutating func add(_ place: Int, at time: UInt64) {
        self.nextOrder += 1
        let entry = Entry(time: time, order: self.nextOrder, place: place)
        var child = self.heap.count
        self.heap.append(entry)
        while child > 0 {
            let parent = self.heap[(child - 1) / 2]
            guard entry.isEarlier(than: parent) else { break }
            self.heap[child] = parent
            child = (child - 1) / 2
        }
        self.heap[child] = entry
    }

    mutating func popFirst() -> (place: Int, time: UInt64)? {
        guard let last = self.heap.popLast() else { return nil }
        let count = self.heap.count
        guard count > 0 else { return (last.place, last.time) }
        let earliest = self.heap[0]
        var parent = 0
        while 2 * parent + 1 < count {
            var place = 2 * parent + 1
            var child = self.heap[place]
            if place + 1 < count {
                let second = self.heap[place + 1]
                if second.isEarlier(than: child) { (place, child) = (place + 1, second) }
            }
            guard child.isEarlier(than: last) else { break }
            self.heap[parent] = child
            parent = place
        }
        self.heap[parent] = last
        return (earliest.place, earliest.time)
    }
}
