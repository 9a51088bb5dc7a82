import Glibc
import Synchronization
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct PollLoopStopTests {
    @Test
    func residentsAreToldOnTheThreadAndHaveNoTurnAfterwards() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let resident = try await loop.value {
            let resident = RecordingResident(loop: loop)
            loop.attach(resident)
            return LoopConfined(resident: resident, on: loop)
        }
        loop.stop()
        await loop.waitUntilStopped()
        let record = await withTaskExecutorPreference(loop) { resident.withValue { $0.record } }
        #expect(record.stops == 1)
        #expect(record.wasOnThread)
        #expect(record.turnsAfterStop == 0)
    }

    @Test
    func tasksThatBecomeReadyAfterTheEndStillFinish() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let (signals, continuation) = AsyncStream<Void>.makeStream()
        let suspended = AsyncStream<Void>.makeStream()
        async let finished = withTaskExecutorPreference(loop) {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        suspended.continuation.yield()
                        return await Self.waitForEnd(of: loop)
                    }
                }
                for await _ in signals {}
                var count = 0
                for await isCurrent in group where isCurrent { count += 1 }
                return count
            }
        }
        var arrivals = suspended.stream.makeAsyncIterator()
        for _ in 0..<100 { await arrivals.next() }
        loop.stop()
        await loop.waitUntilStopped()
        continuation.finish()
        // They go on one at a time, and the loop's role goes with them.
        #expect(await finished == 100)
    }

    private static func waitForEnd(of loop: PollLoop) async -> Bool {
        await loop.waitUntilStopped()
        let isCurrent = loop.isCurrent
        await Task.yield()
        return isCurrent && loop.isCurrent
    }

    @Test
    func acceptedClosuresRunThoughTheLoopStops() async throws {
        for count in [1, 10, 5000] {
            let loop = PollLoop(label: "test")
            try loop.start()
            let ran = Counter()
            for _ in 0..<count { try loop.execute { ran.add() } }
            loop.stop()
            await loop.waitUntilStopped()
            #expect(ran.count == count)
        }
    }

    @Test
    func workBeyondTheGraceIsFinishedElsewhere() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let threads = Mutex<[pthread_t: Int]>([:])
        let strays = Counter()
        // Takes longer than the grace, though not the thread of a stopped loop.
        for _ in 0..<2000 {
            try loop.execute {
                if !loop.isCurrent { strays.add() }
                threads.withLock { $0[pthread_self(), default: 0] += 1 }
                Self.spin(for: .microseconds(400))
            }
        }
        loop.stop()
        await loop.waitUntilStopped()
        // Queues behind the rest.
        await withTaskExecutorPreference(loop) {}
        #expect(strays.count == 0)
        #expect(threads.withLock { $0.values.reduce(0, +) } == 2000)
        #expect(threads.withLock { $0.count } > 1)
    }

    private static func spin(for time: Duration) {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {}
    }

    @Test
    func closuresAreRefusedAfterTheStop() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        loop.stop()
        #expect(throws: PollLoopError.stopped(label: "test")) { try loop.execute {} }
        await loop.waitUntilStopped()
        #expect(throws: PollLoopError.stopped(label: "test")) { try loop.execute {} }
        await withTaskExecutorPreference(loop) {
            _ = #expect(throws: PollLoopError.stopped(label: "test")) { try loop.execute {} }
        }
        #expect(throws: PollLoopError.stopped(label: "test")) { try loop.start() }
    }

    @Test
    func aLoopThatNeverStartedFinishesItsWorkWhenItIsStopped() async throws {
        let loop = PollLoop(label: "test")
        let ran = Counter()
        try loop.execute { ran.add() }
        async let isCurrent = withTaskExecutorPreference(loop) { loop.isCurrent }
        loop.stop()
        await loop.waitUntilStopped()
        #expect(await isCurrent)
        await withTaskExecutorPreference(loop) {
            #expect(ran.count == 1)
            #expect(throws: PollLoopError.stopped(label: "test")) { try loop.execute {} }
        }
    }

    @Test
    func aTaskOnTheLoopMayStopItAndWait() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        await withTaskExecutorPreference(loop) {
            loop.stop()
            await loop.waitUntilStopped()
        }
        await loop.waitUntilStopped()
    }

    @Test
    func aResidentThatComesTooLateIsToldAtOnce() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        loop.stop()
        await loop.waitUntilStopped()
        let record = await withTaskExecutorPreference(loop) {
            let resident = RecordingResident(loop: loop)
            loop.attach(resident)
            return resident.record
        }
        #expect(record.stops == 1)
    }

    @Test
    func aSleepingLoopIsStopped() async throws {
        for _ in 0..<200 {
            let loop = PollLoop(label: "test")
            try loop.start()
            try await loop.value {}
            loop.stop()
            await loop.waitUntilStopped()
        }
    }

    @Test
    func aLoopWhoseSocketsAreGoneEndsAndSaysWhy() async throws {
        let loop = PollLoop(label: "test")
        try loop.start()
        let context = try Context()
        let resident = try await loop.value {
            let resident = try SocketResident(Socket(.dealer, in: context))
            loop.attach(resident)
            return LoopConfined(resident: resident, on: loop)
        }
        context.shutdown()
        await loop.waitUntilStopped()
        #expect(loop.failure?.code == .terminated)
        #expect(loop.failure?.call == "zmq_getsockopt(ZMQ_EVENTS)")
        let wasTold = await withTaskExecutorPreference(loop) { resident.withValue { $0.wasTold } }
        #expect(wasTold)
    }
}

/// Counts on any thread.
final class Counter: Sendable {
    private let value = Atomic<Int>(0)

    var count: Int { self.value.load(ordering: .sequentiallyConsistent) }

    func add() {
        self.value.add(1, ordering: .sequentiallyConsistent)
    }
}

/// Remembers how the loop treated it.
private final class RecordingResident: PollLoopResident {
    struct Record {
        var stops = 0
        var wasOnThread = true
        var turnsAfterStop = 0
    }

    private let loop: PollLoop
    private(set) var record = Record()

    init(loop: PollLoop) {
        self.loop = loop
    }

    func turn() -> Bool {
        if !self.loop.isCurrent { self.record.wasOnThread = false }
        if self.record.stops > 0 { self.record.turnsAfterStop += 1 }
        return false
    }

    func prepareToWait(_ wait: inout PollWait) {}

    func loopWillStop() {
        if !self.loop.isCurrent { self.record.wasOnThread = false }
        self.record.stops += 1
    }
}

/// Waits for a socket, and lets go of it in the end.
private final class SocketResident: PollLoopResident {
    private let socket: Socket
    private(set) var wasTold = false

    init(_ socket: consuming Socket) {
        self.socket = socket
    }

    func turn() -> Bool { false }

    func prepareToWait(_ wait: inout PollWait) {
        wait.add(self.socket, .readable)
    }

    func loopWillStop() {
        self.socket.close()
        self.wasTold = true
    }
}
