import Dispatch
import Synchronization
import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct PollLoopTests {
    @Test
    func aClosureRunsOnTheThread() async throws {
        try await withPollLoop { loop in
            #expect(!loop.isCurrent)
            let isCurrent = try await loop.value { loop.isCurrent }
            #expect(isCurrent)
        }
    }

    @Test
    func aClosureRunsAtOnceWhenTheCallerIsOnTheThread() async throws {
        try await withPollLoop { loop in
            let order = try await loop.value {
                let order = Mutex<[Int]>([])
                order.withLock { $0.append(1) }
                #expect(throws: Never.self) { try loop.execute { order.withLock { $0.append(2) } } }
                order.withLock { $0.append(3) }
                return order.withLock { $0 }
            }
            #expect(order == [1, 2, 3])
        }
    }

    @Test
    func closuresOfOneThreadKeepTheirOrder() async throws {
        try await withPollLoop { loop in
            let seen = LoopConfined<[Int]>([], on: loop)
            for number in 0..<5000 {
                try loop.execute { seen.withValue { $0.append(number) } }
            }
            let numbers = try await loop.value { seen.withValue { $0 } }
            #expect(numbers == Array(0..<5000))
        }
    }

    @Test
    func aTaskStaysOnTheThreadThatItPrefers() async throws {
        try await withPollLoop { loop in
            await withTaskExecutorPreference(loop) {
                #expect(loop.isCurrent)
                await Task.yield()
                #expect(loop.isCurrent)
                await withTaskGroup(of: Bool.self) { group in
                    for _ in 0..<10 { group.addTask { loop.isCurrent } }
                    for await isCurrent in group { #expect(isCurrent) }
                }
                #expect(loop.isCurrent)
            }
            #expect(!loop.isCurrent)
        }
    }

    @Test
    func jobsMadeReadyOnTheThreadKeepTheirOrder() async throws {
        try await withPollLoop { loop in
            let seen = LoopConfined<[Int]>([], on: loop)
            await withTaskExecutorPreference(loop) {
                await withTaskGroup(of: Void.self) { group in
                    for number in 0..<3000 {
                        group.addTask { seen.withValue { $0.append(number) } }
                    }
                }
            }
            let numbers = try await loop.value { seen.withValue { $0 } }
            #expect(numbers == Array(0..<3000))
        }
    }

    @Test
    func aFullQueueRefusesAndTakesMoreWhenThereIsRoom() async throws {
        try await withPollLoop(queueLimit: 10) { loop in
            let gate = DispatchSemaphore(value: 0)
            let entered = DispatchSemaphore(value: 0)
            let count = Atomic<Int>(0)
            try loop.execute {
                entered.signal()
                gate.wait()
            }
            // The closure is running, so it does not count as waiting... but what was taken with it would.
            entered.waitBriefly()
            var accepted = 0
            let error = #expect(throws: PollLoopError.self) {
                while accepted < 100 {
                    try loop.execute { count.add(1, ordering: .relaxed) }
                    accepted += 1
                }
            }
            #expect(error == .queueFull(label: "test", limit: 10))
            #expect((9...10).contains(accepted))
            gate.signal()
            // A refused caller tries again until there is room.
            let deadline = ContinuousClock.now + .seconds(20)
            var sum: Int?
            while sum == nil, ContinuousClock.now < deadline {
                sum = try? await loop.value { count.load(ordering: .relaxed) }
            }
            #expect(sum == accepted)
        }
    }

    @Test
    func errorsSayWhatToDo() {
        #expect(
            PollLoopError.queueFull(label: "bus", limit: 8).description
                == "The poll loop bus has 8 pieces of work waiting and takes no more: try again later, or send less."
        )
        #expect(PollLoopError.stopped(label: "bus").description.contains("bus was stopped"))
        #expect(PollLoopError.noResources(label: "bus", errno: 11).description.contains("ulimit"))
    }

    @Test
    func aLoopStartsOnce() async throws {
        try await withPollLoop { loop in
            #expect(throws: PollLoopError.alreadyStarted(label: "test")) { try loop.start() }
        }
    }

    @Test
    func workSentBeforeTheStartIsDoneAfterIt() async throws {
        let loop = PollLoop(label: "early")
        async let isCurrent = withTaskExecutorPreference(loop) { loop.isCurrent }
        let count = Atomic<Int>(0)
        try loop.execute { count.add(1, ordering: .relaxed) }
        try loop.start()
        #expect(await isCurrent)
        #expect(try await loop.value { count.load(ordering: .relaxed) } == 1)
        loop.stop()
        await loop.waitUntilStopped()
    }
}

extension DispatchSemaphore {
    /// For a test that has to hold a thread.
    func waitBriefly() {
        #expect(self.wait(timeout: .now() + .seconds(20)) == .success)
    }
}
