/// A value that can be referred to from everywhere and reached on a poll loop's thread only.
///
/// The sockets and the state of a ``PollLoopResident`` need no lock that way, and no promise of their own.
public final class LoopConfined<Value: ~Copyable>: @unchecked Sendable {
    // @unchecked Sendable because the value is only reached on the thread that has the loop's role, which is checked, and
    // because it was sent here by its only owner.
    private var value: Value
    /// The loop whose thread reaches the value.
    public let loop: PollLoop

    /// Gives a value to a loop.
    ///
    /// Nobody else may hold on to it.
    public init(_ value: consuming sending Value, on loop: PollLoop) {
        self.value = value
        self.loop = loop
    }

    /// Reaches the value.
    ///
    /// On the loop's thread only.
    public func withValue<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
        self.loop.preconditionCurrent()
        return try body(&self.value)
    }
}

extension LoopConfined where Value: PollLoopResident {
    /// Makes a reference to a resident that others can hold.
    ///
    /// On the loop's thread only: a resident was made there and never leaves it, so there is nobody else it could be shared
    /// with, which the compiler cannot know.
    public convenience init(resident: Value, on loop: PollLoop) {
        loop.preconditionCurrent()
        nonisolated(unsafe) let resident = resident
        self.init(resident, on: loop)
    }
}
