import Testing

@testable import ZeroMQ

struct RoundShareTests {
    @Test
    func aRoundEndsAfterSoManyPieces() {
        var share = RoundShare()
        while share.use() {}
        #expect(share.count <= RoundShare.limit)
    }

    @Test
    func slowPiecesEndARoundEarlier() {
        var share = RoundShare()
        repeat {
            let end = ContinuousClock.now + .milliseconds(1)
            while ContinuousClock.now < end {}
        } while share.use()
        #expect(share.count < 50)
    }
}
