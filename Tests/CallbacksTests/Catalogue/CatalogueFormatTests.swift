import Testing
import WireProtocol

@testable import Callbacks

/// The keys of a catalogue file that say more of a callback than how it is answered.
struct CatalogueFormatTests {
    private func read(_ lines: String...) throws -> CallbackDeclaration {
        let catalogue = try Catalogue().adding(Self.file(lines), from: "shop.yaml")
        return try #require(catalogue["shop/news"])
    }

    private func problems(_ lines: String...) -> [String] {
        let error = #expect(throws: CatalogueError.self) { try Catalogue().adding(Self.file(lines), from: "shop.yaml") }
        return error?.problems.map(\.description) ?? []
    }

    /// The callback's own lines begin at line 6.
    private static func file(_ lines: [String]) -> String {
        let own = lines.map { "        \($0)\n" }.joined()
        return "catalogue: 1\ncategories:\n  shop:\n    callbacks:\n      news:\n\(own)"
    }

    @Test func anArgumentMayBeLeftOutByOldCallers() throws {
        let callback = try self.read(
            "rule: notify",
            "arguments: { user: string, room: { type: object|null, optional: true, since: \"1.2\" } }"
        )
        #expect(callback.arguments.map(\.isOptional) == [false, true])
        #expect(callback.arguments[1].type == .anyOf([.object, .null]))
        #expect(callback.arguments[1].since == "1.2")
    }

    @Test func aCallbackCanBeDeprecatedExperimentalAndIdempotent() throws {
        let callback = try self.read(
            "rule: exclusive",
            "deprecated: { since: \"2.0\", use: newer }",
            "experimental: true",
            "idempotent: true"
        )
        #expect(callback.deprecation == .init(since: "2.0", use: "newer"))
        #expect(callback.isExperimental)
        #expect(callback.isIdempotent)
    }

    @Test func olderFormsOfAResultAreAcceptedBesideIt() throws {
        let callback = try self.read("rule: exclusive", "result: { one_of: [allow] }", "deprecated_result: boolean")
        #expect(callback.acceptedResult.accepts(true))
        #expect(callback.acceptedResult.accepts("allow"))
        #expect(!callback.acceptedResult.accepts("deny"))
        #expect(!callback.result.accepts(true))
    }

    @Test func newsKeepTheirOrderByAValueWithinAnArgument() throws {
        let callback = try self.read("rule: notify", "arguments: { event: object }", "order_by: event.room_id")
        #expect(callback.orderBy == ["event", "room_id"])
    }

    @Test func aRequiredCallbackFailsWhileNobodyIsThere() throws {
        let callback = try self.read("rule: exclusive", "required: true")
        #expect(callback.effectiveFailure[.noneUp] == .fail)
        #expect(callback.effectiveFailure[.noneRegistered] == .fail)
    }

    @Test func whatIsWrongIsSaidAtItsLineAndKey() {
        let place = "categories.shop.callbacks.news"
        let found = [
            self.problems("rule: notify", "order_by: user", "arguments: { usr: string }"),
            self.problems("rule: exclusive", "arguments: { user: string }", "order_by: user"),
            self.problems("rule: exclusive", "required: true", "failure: { none_up: continue }"),
            self.problems("rule: exclusive", "required: perhaps"),
            self.problems("rule: exclusive", "deprecated: { use: newer }"),
            self.problems("rule: exclusive", "arguments: { a: { type: string, optonal: true } }"),
            self.problems("rule: amend", "arguments: { event: object }", "amend: { argument: evnt }"),
        ]
        let expected = [
            "shop.yaml:7: \(place).order_by: begins with the name of an argument, and there is no such argument; did you mean `usr`?",
            "shop.yaml:8: \(place).order_by: is for the rule `notify`, and the rule is `exclusive`",
            "shop.yaml:8: \(place).failure.none_up: the callback is `required`, so that this cannot be `continue`",
            "shop.yaml:7: \(place).required: expected `true` or `false`",
            "shop.yaml:7: \(place).deprecated: expected `since`: the version in which it became deprecated",
            "shop.yaml:7: \(place).arguments.a.optonal: unknown key; did you mean `optional`?",
            "shop.yaml:8: \(place).amend: there is no argument `evnt`; did you mean `event`?",
        ]
        #expect(found == expected.map { [$0] })
    }

    @Test(arguments: ["at_least: [nope]", "both_or_neither: [news, nope]", "perhaps: [news]"])
    func aConstraintNamesCallbacksOfItsCategory(constraint: String) {
        let text =
            "catalogue: 1\ncategories:\n  shop:\n    constraints: [{ \(constraint) }]\n    callbacks:\n      news: { rule: notify }\n"
        #expect(throws: CatalogueError.self) { try Catalogue().adding(text, from: "shop.yaml") }
    }
}
