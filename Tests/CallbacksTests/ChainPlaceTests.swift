import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ChainPlaceTests {
    /// A place among the chains is taken again as it was left: nothing of one call may come to another.
    @Test func aVacatedChainIsWhatANewOneIs() {
        var chain = Chain()
        chain.number = 1
        chain.subject = .direct(.web, module: 3)
        chain.caller = 2
        chain.callID = 3
        chain.target = "target"
        chain.metadata = Metadata("{}")
        chain.body = "body"
        chain.isExplained = true
        chain.epoch = 4
        chain.members = [1, 2]
        chain.memberCount = 2
        chain.position = 1
        chain.admitted = MonotonicTime(nanoseconds: 5)
        chain.deadline = MonotonicTime(nanoseconds: 6)
        chain.step = 7
        chain.scope = .open
        chain.parallelSteps = [8]
        chain.segmentEnds = [9]
        chain.filters = [nil]
        chain.isFiltered = [true]
        chain.segment.add(module: 1)
        chain.fault = BusFault(.timeout, "")
        chain.gathering = .amended(.null, by: 1)
        chain.trace = [StepRecord(.answer, module: 1)]
        chain.trail.newest = 3
        chain.shadows = [1]
        chain.newer = 1
        chain.older = 1
        let names = Mirror(reflecting: chain).children.compactMap(\.label)
        let fresh = Dictionary(uniqueKeysWithValues: zip(names, Self.texts(of: Chain())))
        for (name, text) in zip(names, Self.texts(of: chain)) {
            #expect(text != fresh[name], "\(name) is not what the test is about")
        }
        chain.vacate()
        #expect(Dictionary(uniqueKeysWithValues: zip(names, Self.texts(of: chain))) == fresh)
    }

    private static func texts(of chain: Chain) -> [String] {
        Mirror(reflecting: chain).children.map { String(describing: $0.value) }
    }
}
