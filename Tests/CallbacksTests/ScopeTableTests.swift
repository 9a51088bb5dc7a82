import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct ScopeTableTests {
    private static let start = MonotonicTime(nanoseconds: 1_000_000_000)

    private func scope(caller: Int = 1, peer: Int = 2, lease: UInt32 = 5000) -> ScopeTable.Scope {
        ScopeTable.Scope(
            callback: 0,
            module: 0,
            peer: peer,
            caller: caller,
            arguments: "{}",
            due: Self.start.adding(milliseconds: lease)
        )
    }

    private enum Event: CaseIterable {
        case leave, leaveByAnother, callerGone, moduleGoing, moduleGone, leaseOver

        /// - Returns: Whether the event makes the scope leave.
        func happen(to table: inout ScopeTable) -> Bool {
            switch self {
            case .leave: return table.leave(7, by: 1, telling: "{}") != nil
            case .leaveByAnother: return table.leave(7, by: 3, telling: "{}") != nil
            case .callerGone: return table.abandon { $0.caller == 1 } == [7]
            case .moduleGoing: return table.abandon { $0.peer == 2 } == [7]
            case .moduleGone:
                table.forget(peer: 2)
                return false
            case .leaseOver: return table.expire(upTo: ScopeTableTests.start.adding(milliseconds: 5000)).count == 1
            }
        }
    }

    @Test func whateverHappensInWhateverOrderAScopeLeavesOnceAtMost() {
        for first in Event.allCases {
            for second in Event.allCases {
                for third in Event.allCases {
                    var table = ScopeTable()
                    table.open(7, self.scope())
                    let left = [first, second, third].map { $0.happen(to: &table) }
                    let isGone = [first, second, third].firstIndex(of: .moduleGone) ?? 3
                    let canLeave = [first, second, third].prefix(isGone).contains { $0 != .leaveByAnother }
                    #expect(left.count { $0 } == (canLeave ? 1 : 0), "\(first), \(second), \(third)")
                }
            }
        }
    }

    @Test func scopesOfOneCallerLeaveInTheOrderInWhichTheyWereEntered() {
        var table = ScopeTable()
        for number in [3, 1, 2] as [UInt64] { table.open(number, self.scope()) }
        table.open(4, self.scope(caller: 9))
        #expect(table.abandon { $0.caller == 1 } == [1, 2, 3])
        #expect(table.count(ofCaller: 9) == 1)
        #expect(table.count(ofCaller: 1) == 0)
    }

    @Test func whatCouldNotBeToldIsDueAgain() {
        var table = ScopeTable()
        table.open(7, self.scope())
        _ = table.leave(7, by: 1, telling: "{}")
        table.retry(7, at: Self.start.adding(milliseconds: 1000))
        #expect(table.nextDeadline == Self.start.adding(milliseconds: 1000))
        #expect(table.leave(7, by: 1, telling: "{}") == nil)
        let due = table.expire(upTo: Self.start.adding(milliseconds: 1000))
        #expect(due.map(\.number) == [7])
        #expect(due.map(\.wasOpen) == [false])
        table.remove(7)
        #expect(table.count == 0)
    }

    @Test func aScopeThatIsGoneIsNotDueAgain() {
        var table = ScopeTable()
        table.retry(7, at: Self.start)
        #expect(table.expire(upTo: Self.start.adding(milliseconds: 1)).isEmpty)
    }

    @Test func onlyTheFirstLeaseIsWaitedFor() {
        var table = ScopeTable()
        table.open(1, self.scope(lease: 300))
        table.open(2, self.scope(lease: 100))
        #expect(table.nextDeadline == Self.start.adding(milliseconds: 100))
        #expect(table.expire(upTo: Self.start.adding(milliseconds: 200)).map(\.number) == [2])
        #expect(table.nextDeadline == Self.start.adding(milliseconds: 300))
    }
}
