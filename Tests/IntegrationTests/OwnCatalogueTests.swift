import Foundation
import MessageBus
import Testing
import WireProtocol

extension IntegrationTests {
    /// Callbacks that an operator has declared, in the example's file.
    @Suite(.timeLimit(.minutes(2)))
    struct OwnCatalogueTests {
        private static let example = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Examples/Catalogues/shop.yaml")

        private static let manifest = Manifest(
            callbacks: [
                CallbackClaim(category: "shop", name: "may_buy"), CallbackClaim(category: "shop", name: "hold_stock"),
                CallbackClaim(
                    category: "shop",
                    name: "pay",
                    keys: [KeyClaim(key: "card", fields: ["number"]), KeyClaim(key: "invoice")]
                ),
            ]
        )

        private static func answer(_ call: InboundCall) -> BusReply {
            guard !call.target.hasSuffix("pay") else { return BusReply(status: .answer, body: "\"p1\"") }
            let price = (try? JSONValue(parsing: call.body))?["price"]?.number
            guard let price else {
                return BusReply(status: .error, body: BusFault(.badRequest, "price: not a number").encoded())
            }
            return BusReply(status: .answer, body: price > 100 ? "false" : "\"allow\"")
        }

        private static func run(_ body: (TestPlatform) async throws -> Void) async throws {
            let modules = "  - module: clerk\n    allow: { callbacks: [\"shop/*\"] }"
            try await TestPlatform.run(
                modules: modules,
                extra: "callbacks: { catalogue: shop.yaml }",
                preparing: { try FileManager.default.copyItem(at: Self.example, to: $0.appending(path: "shop.yaml")) },
                waitingFor: .gateway,
                body
            )
        }

        @Test func aModuleRegistersForThemAtOnceAndIsAskedByTheirRules() async throws {
            try await Self.run { platform in
                let module = try await TestModule.join(platform, as: "clerk", Self.manifest) { Self.answer($0) }
                #expect(try module.registered().callbacks == ["shop/may_buy", "shop/hold_stock", "shop/pay"])
                let order: JSONValue = ["customer": "ann", "item": "book", "price": 200]
                let denied = try await Self.decision(platform, "may_buy", order)
                #expect(denied["result"] == "deny", "The old form of the answer stands for the new one.")
                #expect(denied["decided_by"] == "clerk")
                let cheap: JSONValue = ["customer": "ann", "item": "book", "price": 5]
                #expect(try await Self.decision(platform, "may_buy", cheap)["outcome"] == "continue")
                let payment: JSONValue = ["order": [:], "method": "card", "details": [:]]
                #expect(try await Self.decision(platform, "pay", payment)["result"] == "p1")
                try await module.leave()
            }
        }

        @Test func aCallersWrongArgumentIsItsOwnMistakeAndNamed() async throws {
            try await Self.run { platform in
                let module = try await TestModule.join(platform, as: "clerk", Self.manifest) { Self.answer($0) }
                let wrong: JSONValue = ["customer": "ann", "item": "book", "price": "much"]
                let response = try await platform.ask("shop", "may_buy", wrong)
                #expect(response.status == 400)
                #expect(response.json["errcode"] == "G_BAD_REQUEST")
                #expect(response.body.contains("argument `price`: expected number"), "\(response.body)")
                let paid = try await platform.ask("shop", "pay", ["order": [:], "method": "shells", "details": [:]])
                #expect(paid.status == 503, "Somebody has to be there for a callback that is required.")
                try await module.leave()
            }
        }

        @Test func theCommandLineShowsThemWithTheirChain() async throws {
            try await Self.run { platform in
                let module = try await TestModule.join(platform, as: "clerk", Self.manifest) { Self.answer($0) }
                let list = try await platform.commandLine(["callbacks"])
                #expect(list.status == 0)
                #expect(list.output.contains("shop\n  may_buy "), "\(list.output)")
                let one = try await platform.commandLine(["callbacks", "shop/pay"])
                #expect(one.output.contains("keyed, argument method, neutral [null]"), "\(one.output)")
                #expect(one.output.contains("card     number  clerk"), "\(one.output)")
                let json = try await platform.commandLine(["callbacks", "shop/pay", "--json"])
                #expect(try JSONValue(parsing: Payload(Array(json.output.utf8)))["required"] == true)
                let none = try await platform.commandLine(["callbacks", "shop/pax"])
                #expect(none.status == 1)
                #expect(none.output.contains("`ganglion callbacks`"), "\(none.output)")
                try await module.leave()
            }
        }

        private static func decision(
            _ platform: TestPlatform,
            _ name: String,
            _ arguments: JSONValue
        ) async throws -> JSONValue {
            let response = try await platform.ask("shop", name, arguments)
            #expect(response.status == 200, "\(response.body)")
            return response.json
        }
    }
}
