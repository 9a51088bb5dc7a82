/// Something that lives on a poll loop's thread: it owns sockets, and the state that goes with them.
///
/// The loop calls it on its thread only. It is made there, in a closure given to ``PollLoop/execute(_:)``, and never leaves.
public protocol PollLoopResident: AnyObject {
    /// Does what there is to do now, and never waits: due timers, and at most a batch (say 256) of receives and sends, so
    /// that the others on the loop get their turn.
    ///
    /// - Returns: Whether there may be more to do at once. The loop then comes back without looking at the sockets.
    func turn() -> Bool

    /// Tells the loop what to wait for. Asked before every sleep, and forgotten after it.
    ///
    /// A resident that has something to do only when others call it need not ask for anything.
    func prepareToWait(_ wait: inout PollWait)

    /// The loop ends: say goodbye and close the sockets (``SocketOptions/linger`` bounds how long they go on sending), and
    /// let everybody who waits know. There is no turn after this.
    func loopWillStop()
}
