import Testing

@testable import MessageBus

struct NewsPatienceTests {
    @Test func whoHasNothingToReadIsAskedEachTime() {
        var patience = NewsPatience()
        for _ in 0..<3 {
            let isOver = patience.isOver(at: .at(5), whileReading: false)
            #expect(isOver)
        }
    }

    @Test func newsWaitAMillisecondWhileMessagesCome() {
        var patience = NewsPatience()
        let first = patience.isOver(at: .at(5), whileReading: true)
        #expect(first)
        let atOnce = patience.isOver(at: .at(5), whileReading: true)
        #expect(!atOnce)
        let later = patience.isOver(at: .at(6), whileReading: true)
        #expect(later)
    }

    @Test func theRoundAfterMessagesCountsAsOneWithMessages() {
        var patience = NewsPatience()
        _ = patience.isOver(at: .at(5), whileReading: false)
        patience.hasRead = true
        let isOver = patience.isOver(at: .at(5), whileReading: false)
        #expect(!isOver)
        patience.hasRead = false
        let isOverAgain = patience.isOver(at: .at(5), whileReading: false)
        #expect(isOverAgain)
    }
}
