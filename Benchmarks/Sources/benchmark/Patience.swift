import Foundation

/// For what cannot be ready at once.
enum Patience {
    /// Does something until it succeeds, for 15 seconds at most.
    ///
    /// - Throws: What it threw last.
    static func retry(_ work: () throws -> Void) throws {
        let deadline = ContinuousClock.now + .seconds(15)
        while true {
            do {
                return try work()
            } catch {
                guard ContinuousClock.now < deadline else { throw error }
                usleep(100_000)
            }
        }
    }
}
