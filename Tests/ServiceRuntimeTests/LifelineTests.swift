import Foundation
import ServiceLifecycle
import ServiceRuntime
import Testing

struct LifelineTests {
    @Test(.timeLimit(.minutes(1)))
    func itEndsWithTheOtherEndOfThePipe() async throws {
        let pipe = Pipe()
        let lifeline = Lifeline(descriptor: pipe.fileHandleForReading.fileDescriptor)
        async let ended: Void = lifeline.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data("ignored".utf8))
        try pipe.fileHandleForWriting.close()
        await ended
    }

    @Test func itIsOnlyThereWhenAskedFor() {
        #expect(Lifeline(environment: [:]) == nil)
        #expect(Lifeline(environment: [Lifeline.variable: "1"]) == nil)
        #expect(Lifeline(environment: [Lifeline.variable: "stdin"]) != nil)
    }
}
