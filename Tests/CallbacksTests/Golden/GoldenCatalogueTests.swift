import Testing
import WireProtocol

@testable import Callbacks

/// The catalogue has what the original has, and nothing is left out here.
struct GoldenCatalogueTests {
    private static let catalogue = Result { try Catalogue.synapse() }

    @Test func everyCallbackOfTheOriginalIsHereOnce() throws {
        let here = GoldenCallback.every.map(\.path)
        #expect(here.count == 51)
        #expect(Set(here).count == 51)
        #expect(here.sorted() == (try Self.catalogue.get().callbacks.map(\.path).sorted()))
    }

    @Test func categoriesHaveTheirNumberOfCallbacks() throws {
        let counts = Dictionary(grouping: GoldenCallback.every) { $0.path.prefix { $0 != "/" } }.mapValues(\.count)
        let expected: [Substring: Int] = [
            "spam_checker": 14, "third_party_rules": 12, "account_validity": 6, "password_auth_provider": 6,
            "presence_router": 2, "background_update_controller": 3, "account_data": 1,
            "add_extra_fields_to_unsigned_client_event": 1, "ratelimit": 1, "media_repository": 4, "federation": 1,
        ]
        #expect(counts == expected)
    }

    @Test(arguments: GoldenCallback.every)
    func argumentsAreThoseOfTheOriginalInItsOrder(golden: GoldenCallback) throws {
        let callback = try #require(try Self.catalogue.get()[golden.path])
        #expect(callback.arguments.map(\.name) == golden.arguments.map(\.key))
        #expect(callback.since == golden.since)
        let check = ArgumentCheck(declaration: callback)
        #expect(check.fault(of: golden.body) == nil)
        // No argument of the original is a list of lists of numbers.
        for argument in callback.arguments where argument.type.accepts([[5]]) {
            Issue.record("\(golden.path): \(argument.name) takes anything")
        }
    }

    @Test func theFormsWithFewerArgumentsAreAccepted() throws {
        let catalogue = try Self.catalogue.get()
        let old: KeyValuePairs<String, Payload> = [
            "spam_checker/user_may_create_room": #"{"user_id":"@a:x"}"#,
            "spam_checker/check_username_for_spam":
                #"{"user_profile":{"user_id":"@a:x","display_name":null,"avatar_url":null}}"#,
            "spam_checker/check_registration_for_spam":
                #"{"email_threepid":null,"username":null,"request_info":[]}"#,
        ]
        for (path, body) in old {
            let callback = try #require(catalogue[path])
            #expect(ArgumentCheck(declaration: callback).fault(of: body) == nil, "\(path)")
        }
    }

    @Test func oneCallbackIsDeprecatedAndNamesItsSuccessor() throws {
        let deprecated = try Self.catalogue.get().callbacks.filter { $0.deprecation != nil }
        #expect(deprecated.map(\.path) == ["third_party_rules/on_threepid_bind"])
        #expect(deprecated.first?.deprecation == .init(since: "1.79.0", use: "on_add_user_third_party_identifier"))
    }
}
