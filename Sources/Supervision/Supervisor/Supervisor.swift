import Foundation
public import ServiceLifecycle
public import ServiceRuntime
import Synchronization

/// Runs the processes of a platform by the rules of ``SupervisorCore`` until it is asked to stop.
///
/// The work is done on one thread that owns the children; this type starts it and passes requests on.
public final class Supervisor: Service {
    private let specifications: [ProcessSpecification]
    private let folder: RunFolder
    private let limits: SupervisorLimits
    private let mirror: Mirror
    private let log: LogConfiguration
    private let lock: Int32?
    private let mailbox: SupervisorMailbox
    private let current: Mutex<[SupervisedProcess]>

    /// Where the output of the processes is shown.
    public enum Mirror: Sendable, Hashable {
        /// Only in the log files.
        case nowhere
        /// Also on a descriptor.
        case descriptor(Int32, coloured: Bool)
    }

    /// Creates a supervisor.
    ///
    /// - Parameters:
    ///   - specifications: the processes; names are unique.
    ///   - folder: a run folder that exists, for log files and state.
    ///   - limits: the times and counts to go by.
    ///   - mirror: where the output of the processes is shown beside the log files.
    ///   - log: level and format of the supervisor's own lines.
    ///   - lock: the number of a ``FolderLock`` that is to last as long as any process; it must outlive the supervisor.
    /// - Throws: ``SupervisionError`` when the system has no descriptors left.
    public init(
        _ specifications: [ProcessSpecification],
        folder: RunFolder,
        limits: SupervisorLimits = .init(),
        mirror: Mirror,
        log: LogConfiguration = .init(),
        holding lock: Int32?
    ) throws(SupervisionError) {
        self.specifications = specifications
        self.folder = folder
        self.limits = limits
        self.mirror = mirror
        self.log = log
        self.lock = lock
        self.mailbox = try SupervisorMailbox()
        self.current = Mutex([])
    }

    /// The processes as they are now, in the order in which they were given.
    public var processes: [SupervisedProcess] { self.current.withLock { $0 } }

    /// Says that the platform answered for the first time: from now on its services are restarted for ever.
    public func notePlatformReady() { self.mailbox.post(.event(.platformReady)) }

    /// Starts again what was set aside.
    public func retrySetAside() { self.mailbox.post(.event(.retrySetAside)) }

    /// Stops everything; a second call kills what is left.
    public func stop() { self.mailbox.post(.event(.stop)) }

    /// Starts everything and returns when everything was stopped.
    ///
    /// - Throws: ``SupervisionError`` when a process without which nothing works cannot be kept running, or something could
    ///   not be stopped.
    public func run() async throws {
        // Cancelling does not end the wait: the children have to be gone first. That takes five seconds at most.
        let failure = await withTaskCancellationOrGracefulShutdownHandler {
            await withCheckedContinuation { ended in
                // The thread sleeps in poll, which must not occupy a thread of the task pool.
                Thread.detachNewThread { ended.resume(returning: self.superviseOnThisThread()) }
            }
        } onCancelOrGracefulShutdown: {
            self.stop()
        }
        if let failure { throw failure }
    }

    private func superviseOnThisThread() -> SupervisionError? {
        let plans = self.specifications.map(\.plan)
        let state = SupervisorStateFile(self.folder.state, specifications: self.specifications)
        let loop = SupervisorLoop(
            core: SupervisorCore(plans: plans, limits: self.limits, seed: .random(in: .min ... .max)),
            commands: Dictionary(self.specifications.map { ($0.plan.name, $0.command) }) { first, _ in first },
            mailbox: self.mailbox,
            lock: self.lock,
            output: self.output(names: plans.map(\.name)),
            observe: { processes in
                self.current.withLock { $0 = processes }
                state.write(processes)
            }
        )
        return loop.run()
    }

    private func output(names: [String]) -> ProcessOutput {
        guard case .descriptor(let number, let coloured) = self.mirror else {
            return ProcessOutput(names: names, folder: self.folder, mirroredTo: nil, coloured: false, log: self.log)
        }
        return ProcessOutput(names: names, folder: self.folder, mirroredTo: number, coloured: coloured, log: self.log)
    }
}
