import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Whose mistake it is when a module cannot use what it was asked.
struct ArgumentTests {
    private static let invite = "callback/spam_checker/user_may_invite"
    private static let good: Payload = #"{"inviter":"@a:x","invitee":"@b:x","room_id":"!r:x"}"#

    private func reply(
        to body: Payload,
        _ target: String = Self.invite,
        whenAnsweredWith code: BusFault.Code
    ) throws -> Envelope {
        var rig = try DispatcherRig("a")
        rig.module("a", [String(target.dropFirst("callback/".count))], as: 1)
        let host = rig.host()
        rig.call(target, explain: true, body: body, as: host)
        try rig.answer(.error, BusFault(code, "no use").encoded(), as: 1)
        return try rig.takeOne(.reply, for: host)
    }

    @Test(arguments: [
        (#"{"inviter":"@a:x","invitee":7,"room_id":"!r:x"}"#, "argument `invitee`: expected string, found a number"),
        (#"{"inviter":"@a:x","invitee":"@b:x"}"#, "argument `room_id` is missing: expected string"),
        (#"{"inviter":"@a:x","invitee":"@b:x",}"#, "are not JSON"),
    ])
    func wrongArgumentsAreTheCallersMistake(body: String, message: String) throws {
        let reply = try self.reply(to: Payload(body), whenAnsweredWith: .badRequest)
        let fault = try reply.fault()
        #expect(fault.code == .badRequest)
        #expect(fault.message.contains(message), "\(fault.message)")
        #expect(reply.header.target == "", "No module has decided this.")
        let explanation = try JSONValue(parsing: try #require(reply.metadata))
        #expect(explanation["steps"]?.array?[0]["verdict"] == "bad_request")
    }

    @Test func rightArgumentsAreTheModulesMistake() throws {
        #expect(try self.reply(to: Self.good, whenAnsweredWith: .badRequest).fault().code == .moduleError)
    }

    @Test func anyOtherErrorIsTheModulesWhateverTheArguments() throws {
        #expect(try self.reply(to: "{}", whenAnsweredWith: .internal).fault().code == .moduleError)
    }

    @Test func aPolicyThatContinuesDoesNotHideTheCallersMistake() throws {
        let target = "callback/third_party_rules/check_can_deactivate_user"
        let fault = try self.reply(to: #"{"user_id":1,"by_admin":true}"#, target, whenAnsweredWith: .badRequest).fault()
        #expect(fault.code == .badRequest)
    }

    @Test func newsWithWrongArgumentsFailWhenAllHaveAnswered() throws {
        let target = "callback/third_party_rules/on_profile_update"
        let fault = try self.reply(to: #"{"user_id":1}"#, target, whenAnsweredWith: .badRequest).fault()
        #expect(fault.code == .badRequest)
        #expect(fault.message.contains("`new_profile` is missing"))
    }

    @Test func anOptionalArgumentMayBeMissing() throws {
        let declaration = try #require(try Catalogue.synapse()["spam_checker/user_may_create_room"])
        let check = ArgumentCheck(declaration: declaration)
        #expect(check.fault(of: #"{"user_id":"@a:x"}"#) == nil)
        #expect(check.fault(of: #"{"user_id":"@a:x","room_config":{}}"#) == nil)
        #expect(check.fault(of: #"{"user_id":"@a:x","room_config":"x"}"#) != nil)
    }

    @Test func whatAModuleHasReplacedIsNotTheCallers() throws {
        var rig = try DispatcherRig("a", "b")
        let path = "third_party_rules/check_event_allowed"
        rig.module("a", [path], as: 1)
        rig.module("b", [path], as: 2)
        let host = rig.host()
        rig.call("callback/\(path)", body: #"{"event":5}"#, as: host)
        try rig.answer(.answer, #"[true,{"type":"x"}]"#, as: 1)
        try rig.answer(.error, BusFault(.badRequest, "no use").encoded(), as: 2)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .moduleError)
    }

    @Test func argumentsThatAreTooLongToBeReadAreNotRead() throws {
        let long = "{\"event\":\"\(String(repeating: "x", count: ArgumentCheck.bodySizeMax))\"}"
        let target = "callback/spam_checker/check_event_for_spam"
        #expect(try self.reply(to: Payload(long), target, whenAnsweredWith: .badRequest).fault().code == .moduleError)
    }
}
