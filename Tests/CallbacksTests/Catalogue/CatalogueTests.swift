import Testing
import WireProtocol

@testable import Callbacks

struct CatalogueTests {
    @Test func hasEveryCategoryAndCallbackOfTheOriginal() throws {
        let catalogue = try Catalogue.synapse()
        #expect(catalogue.categories.count == 11)
        #expect(catalogue.callbacks.count == 51)
    }

    @Test(arguments: [
        ("spam_checker/check_event_for_spam", "first_answer"), ("third_party_rules/on_new_event", "notify"),
        ("third_party_rules/check_event_allowed", "amend"), ("presence_router/get_interested_users", "merge"),
        ("password_auth_provider/auth_checkers", "keyed"), ("background_update_controller/on_update", "scoped"),
        ("background_update_controller/min_batch_size", "exclusive"),
    ])
    func namesTheRuleOf(path: String, rule: String) throws {
        #expect(try Catalogue.synapse()[path]?.rule.name == rule)
    }

    @Test func aCallbackTakesFromItsCategoryWhatItDoesNotSay() throws {
        let catalogue = try Catalogue.synapse()
        let callback = try #require(catalogue["spam_checker/check_event_for_spam"])
        #expect(callback.neutral == .values(["NOT_SPAM"]))
        #expect(callback.failure[.timeout] == .continue)
        #expect(callback.failure[.invalidResult] == .stopWith("This message has been rejected as probable spam"))
        #expect(callback.since == "1.37.0")
        #expect(catalogue["spam_checker/user_may_invite"]?.failure[.invalidResult] == .stopWith("M_FORBIDDEN"))
    }

    @Test func legacyBooleansMeanOppositesForEventsAndUsers() throws {
        let catalogue = try Catalogue.synapse()
        let event = try #require(catalogue["spam_checker/check_event_for_spam"])
        let user = try #require(catalogue["spam_checker/user_may_invite"])
        #expect(event.normalisations.contains(.init(from: false, to: "NOT_SPAM")))
        #expect(user.normalisations.contains(.init(from: true, to: "NOT_SPAM")))
    }

    @Test(arguments: [
        ("\"NOT_SPAM\"", true), ("\"M_FORBIDDEN\"", true), ("[\"M_FORBIDDEN\",{\"a\":1}]", true), ("true", true),
        ("\"whatever\"", false), ("12", false), ("[\"M_FORBIDDEN\"]", false), ("null", false),
    ])
    func userMayAcceptsCodesAndBooleansOnly(json: String, isValid: Bool) throws {
        let callback = try #require(try Catalogue.synapse()["spam_checker/user_may_invite"])
        #expect(callback.acceptedResult.accepts(try JSONValue(parsing: json)) == isValid)
    }

    @Test func anOperatorsFileAddsCategories() throws {
        let catalogue = try Catalogue.synapse().adding(Self.shop, from: "shop.yaml")
        #expect(catalogue.callbacks.count == 52)
        #expect(catalogue["shop/may_buy"]?.failure[.noneUp] == .fail)
        #expect(catalogue["shop/may_buy"]?.deadlineMilliseconds == 250)
    }

    @Test(arguments: [
        (
            "rule: first_anser",
            "shop.yaml:8: categories.shop.callbacks.may_buy.rule: there is no rule `first_anser`; did you mean `first_answer`?"
        ),
        (
            "rulle: first_answer",
            "shop.yaml:8: categories.shop.callbacks.may_buy.rulle: unknown key; did you mean `rule`?"
        ),
        (
            "deadline_ms: 0",
            "shop.yaml:8: categories.shop.callbacks.may_buy.deadline_ms: expected a whole number from 1 to 600000"
        ),
        (
            "result: bolean",
            "shop.yaml:8: categories.shop.callbacks.may_buy.result: there is no type `bolean`; did you mean `boolean`?"
        ),
        (
            "failure: { timeout: ignore }",
            "shop.yaml:8: categories.shop.callbacks.may_buy.failure.timeout: expected `continue`, `fail` or `{ stop_with: VALUE }`"
        ),
        (
            "merge: { into: set }",
            "shop.yaml:8: categories.shop.callbacks.may_buy.merge: belongs to the rule `merge`, and the rule is `first_answer`"
        ),
    ])
    func anErrorNamesFileLineAndKey(line: String, message: String) throws {
        let key = line.prefix { $0 != ":" }
        let text = Self.shop.split(separator: "\n").filter { !$0.hasPrefix("        \(key):") }
        let broken = (text.prefix(7) + ["        \(line)"] + text.dropFirst(7)).joined(separator: "\n")
        let error = #expect(throws: CatalogueError.self) { try Catalogue().adding(broken, from: "shop.yaml") }
        #expect(error?.problems.map(\.description).contains(message) == true, "\(error.debugDescription)")
    }

    @Test func everyProblemIsReportedAtOnce() {
        let text =
            "catalogue: 1\ncategories:\n  a:\n    callbacks:\n      x: { rule: one }\n      y: { deadline_ms: no }\n"
        let error = #expect(throws: CatalogueError.self) { try Catalogue().adding(text, from: "a.yaml") }
        #expect(error?.problems.count == 3)
    }

    @Test(arguments: ["", "a: [", "[1, 2]", "catalogue: 2", "catalogue: 1\ncategories: 5", "\u{0}\u{1}", "a: &x [*x]"])
    func anyTextIsACatalogueOrAnError(text: String) {
        #expect(throws: CatalogueError.self) { try Catalogue().adding(text, from: "a.yaml") }
    }

    @Test func aCategoryCannotBeDeclaredTwice() throws {
        let catalogue = try Catalogue.synapse()
        let text = "catalogue: 1\ncategories:\n  spam_checker:\n    callbacks: {}\n"
        #expect(throws: CatalogueError.self) { try catalogue.adding(text, from: "a.yaml") }
    }

    @Test func aMisspeltCallbackHasSuggestions() throws {
        let catalogue = try Catalogue.synapse()
        #expect(
            catalogue.suggestions(for: "spam_checker/check_evnt_for_spam").first == "spam_checker/check_event_for_spam"
        )
    }

    static let shop = """
        catalogue: 1
        types:
          price: number
        categories:
          shop:
            callbacks:
              may_buy:
                rule: first_answer
                neutral: [allow]
                result: { one_of: [allow, deny] }
                arguments: { item: string, price: price }
                default: allow
                deadline_ms: 250

        """
}
