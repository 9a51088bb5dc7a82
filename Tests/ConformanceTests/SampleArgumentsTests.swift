import Callbacks
import Testing
import WireProtocol

@testable import Conformance

/// The arguments that are invented for callbacks.
struct SampleArgumentsTests {
    private func claim(_ declaration: CallbackDeclaration, filter: JSONValue? = nil) -> CallbackClaim {
        CallbackClaim(
            category: declaration.category,
            name: declaration.name,
            keys: [KeyClaim(key: "m.login.password", fields: ["password"])],
            filter: filter
        )
    }

    @Test func theyAreOfTheTypesThatTheCatalogueDeclares() throws {
        for declaration in try Catalogue.synapse().callbacks {
            let samples = SampleArguments(declaration, self.claim(declaration))
            let all = try #require(JSONValue(parsing: samples.all).object)
            for argument in declaration.arguments {
                let value = all[argument.name] ?? .null
                #expect(argument.type.accepts(value), "\(declaration.path): \(argument.name) is \(value)")
            }
            let required = try samples.required.map { try JSONValue(parsing: $0).object?.count }
            #expect(required == nil || required == declaration.arguments.count { !$0.isOptional })
        }
    }

    static let filters: [JSONValue] = [
        ["event.type": ["m.room.member", "m.room.create"]], ["event.room_id": ["prefix": "!abc"]],
        ["event.state_key": ["exists": true]], ["event.sender": ["exists": false]],
        ["event.content.membership": "join", "event.unsigned.age": 7],
        [["event.type": "m.reaction"], ["event.type": "m.sticker"]],
    ]

    @Test(arguments: Self.filters)
    func theyConcernTheModuleWhateverItsFilter(filter: JSONValue) throws {
        let declaration = try #require(Catalogue.synapse()["spam_checker/check_event_for_spam"])
        let samples = SampleArguments(declaration, self.claim(declaration, filter: filter))
        #expect(try ArgumentFilter(json: filter).matches(JSONValue(parsing: samples.all)))
    }

    @Test func aKeyedCallbackIsAskedWithAKeyThatTheModuleHas() throws {
        let declaration = try #require(Catalogue.synapse()["password_auth_provider/auth_checkers"])
        let samples = SampleArguments(declaration, self.claim(declaration))
        #expect(try JSONValue(parsing: samples.all)["login_type"] == "m.login.password")
    }
}
