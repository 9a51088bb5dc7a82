import Callbacks
import MessageBus

/// The dispatcher's process: the real core, and what its shell keeps.
struct VirtualDispatcher {
    /// Nil while no process runs.
    var core: MutableCore?
    var incarnation = 0
    var isPaused = false
    /// What arrived while it was paused.
    var missed: [Event] = []
    var timer: MonotonicTime?
    /// How often in a row it woke without the time moving on.
    var idleTurns = 0
    var lastTurn = MonotonicTime(nanoseconds: 0)
}
