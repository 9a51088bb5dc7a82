package import Foundation
import ServiceRuntime

/// A child of this process that has not been reaped yet, in a process group of its own.
///
/// Until ``reap()`` the system does not give its number to anybody else, so a signal cannot reach a stranger.
package struct ChildProcess: ~Copyable {
    package let pid: pid_t
    /// What it writes to standard output and standard error, in the order in which it writes.
    package let output: Descriptor
    /// The writing end of its standard input: never written, it closes with this process at the latest.
    private var lifeline: Descriptor?

    /// Starts a process.
    ///
    /// - Parameters:
    ///   - command: what to start.
    ///   - lock: a descriptor that the child inherits as number 3, so that a lock on it lasts as long as any child.
    /// - Throws: ``SupervisionError`` with the call that failed.
    package init(_ command: borrowing ProcessCommand, inheriting lock: Int32? = nil) throws(SupervisionError) {
        guard let input = DescriptorPipe(), let output = DescriptorPipe() else {
            throw .spawn(command.executable, "pipe", errno: errno)
        }
        var environment = command.environment
        environment[Lifeline.variable] = "stdin"
        var actions = SpawnActions()
        actions.move(input.read.number, to: STDIN_FILENO)
        actions.move(output.write.number, to: STDOUT_FILENO)
        actions.move(output.write.number, to: STDERR_FILENO)
        if let lock { actions.move(lock, to: 3) }
        let result = actions.spawn(
            command.executable,
            arguments: [command.executable] + command.arguments,
            environment: environment.map { "\($0.key)=\($0.value)" }
        )
        switch result {
        case .success(let pid): self.pid = pid
        case .failure(let failure): throw .spawn(command.executable, "posix_spawn", errno: failure.number)
        }
        output.read.setNonBlocking()
        self.output = output.takeRead()
        self.lifeline = input.takeWrite()
    }

    /// Sends a signal to the process and everything it started in its group.
    package func signal(_ number: Int32) {
        kill(-self.pid, number)
    }

    /// Ends the standard input of the process, which tells it that whoever started it is gone.
    package mutating func endInput() {
        self.lifeline = nil
    }

    /// Blocks until the process ended, leaving it to be reaped.
    ///
    /// To be called on a thread of its own.
    package static func awaitEnd(of pid: pid_t) {
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
    }

    /// Ends what is left of the group and takes the exit status of a process that has ended.
    package consuming func reap() -> ProcessExit {
        self.signal(SIGKILL)
        var status: Int32 = 0
        while waitpid(self.pid, &status, 0) < 0, errno == EINTR {}
        // WIFEXITED and its like are macros, which Swift does not import.
        let signal = status & 0x7F
        return signal == 0 ? .status((status >> 8) & 0xFF) : .signal(signal)
    }
}
