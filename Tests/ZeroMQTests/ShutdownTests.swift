import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(1)))
struct ShutdownTests {
    let folder: TemporaryFolder

    init() throws {
        self.folder = try TemporaryFolder()
    }

    @Test
    func whatWasSentBeforeTheEndStillArrives() throws {
        let reader = try Context()
        let router = try Socket(.router, in: reader)
        try router.bind(to: self.folder.endpoint())
        try self.sendAndClose(count: 2000)
        for number in 0..<2000 {
            let message = try router.awaitMessage()
            #expect(message[1] == Array("\(number)".utf8))
        }
    }

    private func sendAndClose(count: Int) throws {
        var options = SocketOptions()
        options.linger = .seconds(20)
        let dealer = try Socket(.dealer, in: Context(), options: options)
        try dealer.connect(to: self.folder.endpoint())
        for number in 0..<count {
            try dealer.deliver([Array("\(number)".utf8)])
        }
    }

    @Test
    func messagesForNobodyHoldUpTheEndForTheLingerAtMost() throws {
        var options = SocketOptions()
        options.linger = .milliseconds(200)
        options.immediate = false
        let start = ContinuousClock.now
        try self.sendToNobody(options)
        let took = ContinuousClock.now - start
        #expect(took >= .milliseconds(190))
        #expect(took < .seconds(10))
    }

    private func sendToNobody(_ options: SocketOptions) throws {
        let dealer = try Socket(.dealer, in: Context(), options: options)
        try dealer.connect(to: self.folder.endpoint("nobody"))
        for number in 0..<100 {
            var message = Message([UInt8](repeating: UInt8(number), count: 1000))
            #expect(try dealer.send(&message, more: false))
        }
    }

    @Test
    func aClosedSocketSaysSo() throws {
        let context = try Context()
        let dealer = try Socket(.dealer, in: context)
        dealer.close()
        dealer.close()
        var message = Message([1])
        #expect(dealer.failureOfSending(&message)?.code == .notASocket)
        #expect(dealer.failureOfReceiving()?.code == .notASocket)
    }

    @Test
    func everyCallFailsAfterAShutdown() throws {
        let context = try Context()
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(to: self.folder.endpoint())
        context.shutdown()
        var message = Message([1, 2])
        let sending = dealer.failureOfSending(&message)
        #expect(sending?.code == .terminated)
        #expect(sending?.endpoint == self.folder.endpoint())
        #expect([UInt8](message) == [1, 2])
        let receiving = dealer.failureOfReceiving()
        #expect(receiving?.code == .terminated)
        let opening = #expect(throws: ZeroMQError.self) { _ = try Socket(.dealer, in: context) }
        #expect(opening?.code == .terminated)
    }

    @Test
    func terminatingWaitsForWhatClosedSocketsHoldThoughTheContextIsStillReferredTo() throws {
        let reader = try Context()
        let router = try Socket(.router, in: reader)
        try router.bind(to: self.folder.endpoint())
        let writer = try Context()
        var options = SocketOptions()
        options.linger = .seconds(20)
        let dealer = try Socket(.dealer, in: writer, options: options)
        try dealer.connect(to: self.folder.endpoint())
        try dealer.deliver([Array("why I end".utf8)])
        dealer.close()
        writer.terminate()
        writer.terminate()
        writer.shutdown()
        #expect(try router.awaitMessage()[1] == Array("why I end".utf8))
        let opening = #expect(throws: ZeroMQError.self) { _ = try Socket(.dealer, in: writer) }
        #expect(opening?.code == .terminated)
    }

    @Test
    func terminatingIsHeldUpForTheLingerThoughTheContextIsStillReferredTo() throws {
        let context = try Context()
        var options = SocketOptions()
        options.linger = .milliseconds(200)
        options.immediate = false
        let dealer = try Socket(.dealer, in: context, options: options)
        try dealer.connect(to: self.folder.endpoint("nobody"))
        try dealer.deliver([[1]])
        dealer.close()
        let start = ContinuousClock.now
        context.terminate()
        let took = ContinuousClock.now - start
        #expect(took >= .milliseconds(190))
        #expect(took < .seconds(10))
        context.shutdown()
    }
}
