import Foundation
import ServiceRuntime
import Supervision

/// The run folder of a platform that is being started: private, locked, and without anything stale in it.
struct PlatformFolder: ~Copyable {
    /// Processes of a supervisor that was killed end by their lifeline within this time.
    private static let orphansMax = Duration.seconds(5)

    private let configuration: PlatformConfiguration
    private let folder: RunFolder
    private let supervisorLock: FolderLock
    private let processesLock: FolderLock

    /// Makes the folder and takes its locks.
    init(_ configuration: PlatformConfiguration) throws {
        let folder = RunFolder(of: configuration)
        try Self.orFail { try PrivateFolder.prepare(folder.path) }
        guard let supervisorLock = try FolderLock(folder.supervisorLock) else {
            let holder = FolderLock.holder(of: folder.supervisorLock) ?? "another process"
            throw CommandFailure.failed(
                "a platform already runs in \(configuration.directory): \(holder). Stop it first."
            )
        }
        // A state that a killed supervisor left would pass for ours as soon as the lock is held.
        unlink(folder.state)
        supervisorLock.sign("process \(getpid()), started by `ganglion up`")
        let processesLock = try Self.processesLock(folder)
        self.configuration = configuration
        self.folder = folder
        self.supervisorLock = supervisorLock
        self.processesLock = processesLock
    }

    /// Makes what is needed in it and removes what a killed platform left.
    func prepare() throws -> AdminToken {
        try Self.orFail {
            try PrivateFolder.prepare(self.folder.logs)
            for socket in self.socketFiles { try PrivateFolder.prepare(FilePath.folder(of: socket)) }
        }
        self.removeSockets()
        return try Self.orFail { try AdminToken.loadOrCreate(self.configuration.gateway.adminTokenFile) }
    }

    func supervisor(
        of processes: [ProcessSpecification],
        mirroredTo mirror: Supervisor.Mirror,
        log: LogConfiguration
    ) throws -> Supervisor {
        try Supervisor(processes, folder: self.folder, mirror: mirror, log: log, holding: self.processesLock.number)
    }

    /// Removes what would mislead: sockets that nobody listens on, and a state that is none any more.
    func cleanUp() {
        self.removeSockets()
        unlink(self.folder.state)
    }

    /// Those of the services that start here.
    private var socketFiles: [String] {
        let cache = self.configuration.cache
        return self.configuration.bus.socketFiles + (cache.isConfigured ? cache.socketFiles : [])
    }

    private func removeSockets() {
        for path in self.socketFiles {
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else { continue }
            unlink(path)
        }
    }

    /// The lock that every child shares: it is free when the last process of an earlier platform is gone.
    private static func processesLock(_ folder: RunFolder) throws -> FolderLock {
        let end = ContinuousClock.now + Self.orphansMax
        while ContinuousClock.now < end {
            if let lock = try FolderLock(folder.processesLock) { return lock }
            usleep(20_000)
        }
        throw CommandFailure.failed(
            "processes of an earlier start still run and hold \(folder.processesLock): end them first (`fuser -v` names them)"
        )
    }

    private static func orFail<T>(_ body: () throws -> T) throws -> T {
        do {
            return try body()
        } catch let error as StorageError {
            throw CommandFailure.failed("\(error)")
        }
    }
}
