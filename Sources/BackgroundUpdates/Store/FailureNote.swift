/// What is kept of a failed batch.
package struct FailureNote: Hashable, Sendable {
    package var message: String
    /// In a row.
    package var failures: Int
    package var retryAt: WallTime
    /// Whether it is not tried again before an operator says so.
    package var isSetAside: Bool
    /// The size of the batch that failed, when a smaller one may succeed.
    package var failedSize: Int?
}
