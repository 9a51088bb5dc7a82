import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct PolicyOverrideTests {
    static let path = "third_party_rules/check_can_deactivate_user"

    private func override(
        _ pattern: String,
        _ failures: [FailureKind: FailureAction] = [:],
        required: Bool? = nil,
        by modules: [String] = []
    ) -> PolicyOverride {
        let entries = failures.map {
            PolicyOverride.Failure(kind: $0.key.rawValue, action: $0.value, keyPath: "o.failure.\($0.key.rawValue)")
        }
        var override = PolicyOverride(CallbackPattern(pattern), failures: entries, keyPath: "o")
        override.isRequired = required
        override.requiredModules = modules
        return override
    }

    @Test(arguments: [("*", 0), ("spam_checker/*", 1), ("spam_checker/user_may_invite", 2)])
    func aPatternThatSaysMoreWeighsMore(text: String, weight: Int) throws {
        let catalogue = try Catalogue.synapse()
        #expect(CallbackPattern(text).weight == weight)
        #expect(CallbackPattern(text).matches(try #require(catalogue["spam_checker/user_may_invite"])))
        #expect(CallbackPattern(text).matches(try #require(catalogue[Self.path])) == (weight == 0))
    }

    @Test func theOverrideThatSaysMoreHoldsWhateverTheOrder() throws {
        let exact = self.override("spam_checker/user_may_invite", [.timeout: .stopWith("M_FORBIDDEN")])
        let category = self.override("spam_checker/*", [.timeout: .fail, .lost: .fail])
        let all = self.override("*", [.timeout: .continue, .noneUp: .fail])
        for overrides in [[exact, category, all], [all, category, exact], [category, exact, all]] {
            let catalogue = try Catalogue.synapse().overridden(by: overrides)
            let policy = try #require(catalogue["spam_checker/user_may_invite"]?.failure)
            #expect(policy[.timeout] == .stopWith("M_FORBIDDEN"))
            #expect(policy[.lost] == .fail)
            #expect(policy[.noneUp] == .fail)
            #expect(policy[.overloaded] == .continue)
            #expect(catalogue["spam_checker/user_may_join_room"]?.failure[.timeout] == .fail)
        }
    }

    @Test func everyMistakeIsReportedWithItsPlace() throws {
        let catalogue = try Catalogue.synapse()
        #expect(self.override("*", [.error: .fail]).problems(in: catalogue, modules: []).isEmpty)
        let unknown = self.override("spam_checker/user_may_invit").problems(in: catalogue, modules: [])
        #expect(unknown.map(\.keyPath) == ["o"])
        #expect(unknown.first?.message.contains("spam_checker/user_may_invite") == true)
        var odd = self.override("spam_checker/user_may_invite", [.error: .stopWith(17)], by: ["blocker"])
        odd.failures.append(.init(kind: "timeouts", action: .fail, keyPath: "o.failure.timeouts"))
        let problems = odd.problems(in: catalogue, modules: ["block"])
        #expect(problems.map(\.keyPath) == ["o.failure.error", "o.failure.timeouts", "o.required"])
        #expect(problems[1].message.contains("did you mean `timeout`?"))
        #expect(problems[2].message.contains("did you mean `block`?"))
    }

    @Test func oneModulesFailuresCanStopWhereAnothersContinue() throws {
        var strict = DispatcherConfiguration.Module(id: "strict")
        strict.overrides = [self.override("third_party_rules/*", [.error: .fail])]
        var rig = try DispatcherRig([.init(id: "lax"), strict])
        rig.module("lax", [Self.path], as: 1)
        rig.module("strict", [Self.path], as: 2)
        let host = rig.host()
        rig.call("callback/\(Self.path)", as: host)
        try rig.answer(.error, BusFault(.moduleError, "oh").encoded(), as: 1)
        try rig.answer(.error, BusFault(.moduleError, "no").encoded(), as: 2)
        let reply = try rig.takeOne(.reply, for: host)
        #expect(reply.status == .error)
        #expect(reply.header.target == "strict")
        #expect(try reply.fault().message == "no")
    }

    @Test func theModuleWhoseAbsenceMattersDecidesWhenAllAreDown() throws {
        var strict = DispatcherConfiguration.Module(id: "strict")
        strict.overrides = [self.override(Self.path, [.noneUp: .fail])]
        var rig = try DispatcherRig([.init(id: "lax"), strict])
        rig.module("lax", [Self.path], as: 1)
        rig.module("strict", [Self.path], as: 2)
        for peer in [1, 2] as [PeerID] { rig.cannotSend(Header(kind: .ping), to: peer, .unreachable) }
        let host = rig.host()
        rig.call("callback/\(Self.path)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        let modules = try rig.admin("modules", as: host)["modules"]?.array
        #expect(modules?[0]["fail_opens"] == 1)
        #expect(modules?[1]["fail_opens"] == 0)
    }

    @Test func everyFailOpenIsCountedByItsKind() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.path], concurrency: 8, as: 1)
        let host = rig.host()
        for id in 1...5 { rig.call("callback/\(Self.path)", id: UInt64(id), as: host) }
        let calls = rig.take(.call, for: 1)
        rig.answer(calls[0], .error, BusFault(.moduleError, "").encoded(), as: 1)
        rig.answer(calls[1], .overloaded, BusFault(.overloaded, "").encoded(), as: 1)
        rig.answer(calls[2], .answer, "{{{", as: 1)
        rig.advance(milliseconds: 1000)
        rig.call("callback/spam_checker/user_may_invite", as: host)
        #expect(rig.take(.reply, for: host).count == 6)
        let module = try rig.admin("modules", as: host)["modules"]?.array?[0]
        #expect(module?["fail_opens"] == 5)
        let kinds = module?["counters"]?[Self.path]?["fail_opens_by_kind"]
        #expect(kinds == ["error": 1, "overloaded": 1, "invalid_result": 1, "timeout": 2])
        #expect(try rig.admin("status", as: host)["fail_opens"] == 6)
    }
}

// MARK: Required

extension PolicyOverrideTests {
    private func rig(_ ids: String..., required modules: [String] = []) throws -> DispatcherRig {
        try DispatcherRig(ids.map { .init(id: $0) }) { configuration in
            let required = self.override("spam_checker/user_may_invite", required: true, by: modules)
            configuration.catalogue = configuration.catalogue.overridden(by: [required])
        }
    }

    private static let invite = "spam_checker/user_may_invite"

    @Test func aRequiredCallbackIsNotDecidedBeforeTheModulesAreBack() throws {
        var rig = try self.rig("a", "b")
        let host = rig.host()
        rig.call("callback/\(Self.invite)", as: host)
        var fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == .noneUp)
        #expect(fault.isRetryable)
        rig.module("a", [Self.invite], as: 1)
        rig.call("callback/\(Self.invite)", as: host)
        fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.message.contains("module 'b' has not registered yet"))
        rig.module("b", as: 2)
        rig.call("callback/\(Self.invite)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func whoNeverComesIsWaitedForNoLongerThanTheStartTakes() throws {
        var rig = try self.rig("a", "b")
        rig.module("a", [Self.invite], as: 1)
        for _ in 0..<6 {
            rig.advance(milliseconds: 900)
            rig.say(Header(kind: .pong), as: 1)
        }
        let host = rig.host()
        rig.call("callback/\(Self.invite)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func aModuleThatIsRequiredByNameIsAlwaysWaitedFor() throws {
        var rig = try self.rig("a", "b", required: ["b"])
        rig.module("a", [Self.invite], as: 1)
        rig.advance(milliseconds: 60_000)
        rig.module("a", [Self.invite], as: 1)
        let host = rig.host()
        rig.call("callback/\(Self.invite)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
        rig.module("b", [Self.invite], as: 2)
        rig.call("callback/\(Self.invite)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
        rig.say(Header(kind: .drain), as: 2)
        rig.call("callback/\(Self.invite)", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
    }

    @Test func anOperatorCanDoWithoutWhatTheCatalogueRequires() throws {
        let text = """
            catalogue: 1
            categories:
              bank:
                defaults: { failure: { none_up: continue, none_registered: { stop_with: allow } } }
                callbacks:
                  may_pay: { rule: exclusive, result: any, default: allow, required: true }

            """
        let catalogue = try Catalogue.synapse().adding(text, from: "bank.yaml")
        let required = try #require(catalogue["bank/may_pay"]?.effectiveFailure)
        #expect(required[.noneUp] == .fail)
        #expect(required[.noneRegistered] == .stopWith("allow"))
        let free = catalogue.overridden(by: [self.override("bank/*", required: false)])
        let policy = try #require(free["bank/may_pay"]?.effectiveFailure)
        #expect(policy[.noneUp] == .continue)
        #expect(policy[.noneRegistered] == .stopWith("allow"))
    }

    @Test func aRequiredCallbackThatNobodyHasIsAnErrorWorthARetry() throws {
        var rig = try self.rig("a")
        rig.module("a", as: 1)
        let host = rig.host()
        rig.call("callback/\(Self.invite)", as: host)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == .noneRegistered)
        #expect(fault.isRetryable)
    }

    @Test func whatIsNotRequiredGoesOnAsBefore() throws {
        var rig = try self.rig("a")
        let host = rig.host()
        rig.call("callback/spam_checker/user_may_join_room", as: host)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
    }
}
