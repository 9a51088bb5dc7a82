/// The caller's hold on a call in flight: what cancelling its task needs to find it.
///
/// `@unchecked Sendable` because the id is written and read on the poll loop's thread only.
final class CallTicket: @unchecked Sendable {
    var id: UInt64?
    /// The call was cancelled before it began.
    var isCancelled = false
}
