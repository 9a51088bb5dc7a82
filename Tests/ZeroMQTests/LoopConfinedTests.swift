import Testing
import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct LoopConfinedTests {
    @Test
    func aValueIsReachedAndChangedOnTheThread() async throws {
        try await withPollLoop { loop in
            let confined = LoopConfined<[Int]>([], on: loop)
            try await loop.value { confined.withValue { $0.append(1) } }
            let values = try await loop.value { confined.withValue { $0 } }
            #expect(values == [1])
        }
    }

    @Test
    func aSocketCanBeConfined() async throws {
        try await withPollLoop { loop in
            let context = try Context()
            let confined = LoopConfined(try Socket(.dealer, in: context), on: loop)
            let endpoint = try await loop.value {
                try confined.withValue { (socket) throws(ZeroMQError) in
                    try socket.bind(to: "tcp://127.0.0.1:*")
                    return try socket.lastEndpoint()
                }
            }
            #expect(endpoint.hasPrefix("tcp://127.0.0.1:"))
        }
    }

    @Test
    func nobodyReachesAValueFromAnotherThread() async {
        await #expect(processExitsWith: .failure) {
            let loop = PollLoop(label: "test")
            LoopConfined(1, on: loop).withValue { $0 += 1 }
        }
    }

    @Test
    func aResidentIsNotAttachedFromAnotherThread() async {
        await #expect(processExitsWith: .failure) {
            final class Idler: PollLoopResident {
                func turn() -> Bool { false }
                func prepareToWait(_ wait: inout PollWait) {}
                func loopWillStop() {}
            }
            PollLoop(label: "test").attach(Idler())
        }
    }
}
