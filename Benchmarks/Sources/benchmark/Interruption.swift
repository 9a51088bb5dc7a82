import Foundation

/// Somebody wants the run to end.
enum Interruption {
    /// Does something when a signal asks for the end, instead of ending at once.
    ///
    /// - Returns: What watches, until it is cancelled.
    static func watch(_ work: @escaping @Sendable (Int32) -> Void) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work(number) }
            source.activate()
            return source
        }
    }
}
