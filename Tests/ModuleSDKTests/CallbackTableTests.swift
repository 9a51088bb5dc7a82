import Testing
import WireProtocol

@testable import ModuleSDK

struct CallbackTableTests {
    private static func entry(_ name: String) -> ModuleRegistrations.CallbackEntry {
        ModuleRegistrations.CallbackEntry(
            claim: CallbackClaim(category: "shop", name: name),
            execution: .loop,
            handler: { _ in .noOpinion },
            exit: nil
        )
    }

    @Test(arguments: [0, 1, 8, 9, 60])
    func everyTargetLeadsToItsCallbackAndNoOtherToAny(count: Int) {
        let names = (0..<count).map { "callback_\($0)" }
        let table = CallbackTable(Dictionary(uniqueKeysWithValues: names.map { ("shop/\($0)", Self.entry($0)) }))
        for name in names {
            #expect(table["callback/shop/\(name)"]?.claim.name == name)
            #expect(table["shop/\(name)"] == nil)
        }
        #expect(table["callback/shop/callback_60"] == nil)
        #expect(table[""] == nil)
    }
}
