/// How a call ended, as its callee says.
public enum ReplyStatus: UInt8, CaseIterable, Sendable {
    /// No opinion: whoever is asked next decides.
    case `continue` = 0
    /// The body is the result.
    case answer = 1
    /// The body is a ``BusFault``.
    case error = 2
    /// Nothing was done for lack of capacity; the body is a ``BusFault`` and a retry is safe.
    case overloaded = 3
}
