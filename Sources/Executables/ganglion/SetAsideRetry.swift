import ServiceLifecycle
import Supervision
import UnixSignals

/// Starts again what was set aside whenever SIGUSR1 asks for it.
struct SetAsideRetry: Service {
    let supervisor: Supervisor

    func run() async {
        for await _ in await UnixSignalsSequence(trapping: .sigusr1).cancelOnGracefulShutdown() {
            self.supervisor.retrySetAside()
        }
    }
}
