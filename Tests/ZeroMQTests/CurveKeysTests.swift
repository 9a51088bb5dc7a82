import Testing
import ZeroMQ

struct CurveKeysTests {
    @Test
    func keysSurviveTheirTextForm() throws {
        let pair = try CurveKeyPair.generate()
        #expect(CurvePublicKey(pair.publicKey.z85) == pair.publicKey)
        #expect(CurveSecretKey(pair.secretKey.z85)?.z85 == pair.secretKey.z85)
        #expect(try pair.secretKey.publicKey() == pair.publicKey)
    }

    @Test(arguments: ["", "short", String(repeating: "\"", count: 40), String(repeating: "a", count: 41)])
    func textThatIsNoKeyIsRefused(text: String) {
        #expect(CurvePublicKey(text) == nil)
        #expect(CurveSecretKey(text) == nil)
    }

    @Test
    func aSecretKeyIsNeverShown() throws {
        let pair = try CurveKeyPair.generate()
        var dumped = ""
        dump(pair, to: &dumped)
        for text in ["\(pair)", "\(pair.secretKey)", String(reflecting: pair.secretKey), dumped] {
            #expect(!text.contains(pair.secretKey.z85))
        }
        #expect("\(pair.secretKey)" == "<secret key>")
        #expect("\(pair.publicKey)" == pair.publicKey.z85)
    }
}
