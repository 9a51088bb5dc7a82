import Foundation

/// What `posix_spawn` does in the child before the program starts.
struct SpawnActions: ~Copyable {
    struct Failure: Error {
        let number: Int32
    }

    #if canImport(Darwin)
    private var actions: posix_spawn_file_actions_t?
    private var attributes: posix_spawnattr_t?
    #else
    private var actions = posix_spawn_file_actions_t()
    private var attributes = posix_spawnattr_t()
    #endif

    init() {
        posix_spawn_file_actions_init(&self.actions)
        posix_spawnattr_init(&self.attributes)
        self.setGroupAndSignals()
    }

    deinit {
        // The structures are only values here: the copies refer to the same memory, which is freed once.
        var actions = self.actions
        var attributes = self.attributes
        posix_spawn_file_actions_destroy(&actions)
        posix_spawnattr_destroy(&attributes)
    }

    mutating func move(_ descriptor: Int32, to number: Int32) {
        posix_spawn_file_actions_adddup2(&self.actions, descriptor, number)
    }

    func spawn(_ path: String, arguments: [String], environment: [String]) -> Result<pid_t, Failure> {
        var pid: pid_t = 0
        var actions = self.actions
        var attributes = self.attributes
        let result = Self.withCStrings(arguments) { arguments in
            Self.withCStrings(environment) { environment in
                posix_spawn(&pid, path, &actions, &attributes, arguments, environment)
            }
        }
        return result == 0 ? .success(pid) : .failure(Failure(number: result))
    }

    /// A group of its own, so that a signal reaches what it starts and Ctrl-C at the terminal does not reach it directly;
    /// and signals as a fresh process has them, since ignoring is inherited.
    private mutating func setGroupAndSignals() {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setpgroup(&self.attributes, 0)
        posix_spawnattr_setsigdefault(&self.attributes, &all)
        posix_spawnattr_setsigmask(&self.attributes, &none)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&self.attributes, Int16(flags))
    }

    private static func withCStrings<T>(
        _ strings: [String],
        _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> T
    ) -> T {
        var pointers = strings.map { strdup($0) } + [nil]
        defer {
            for pointer in pointers { free(pointer) }
        }
        return pointers.withUnsafeMutableBufferPointer { buffer in
            // The array has at least its terminating nil, so the buffer has an address.
            guard let base = buffer.baseAddress else { preconditionFailure("an array with an element has an address") }
            return body(base)
        }
    }
}
