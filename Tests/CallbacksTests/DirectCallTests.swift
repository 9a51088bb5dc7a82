import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

/// Methods and background updates: calls that concern one module, or one service.
struct DirectCallTests {
    private static let modules: [DispatcherConfiguration.Module] = [
        .init(id: "search"), .service("background-update-worker"),
    ]
    private static let update = "update/search/index_events"
    private static let status = "method/background-update-worker/status"

    private func rig() throws -> DispatcherRig { try DispatcherRig(Self.modules) }

    @Test func aBatchOfRowsReachesTheModuleThatRegisteredTheUpdate() throws {
        var rig = try self.rig()
        rig.module("search", updates: ["index_events"], as: 1)
        rig.module("background-update-worker", methods: ["status"], as: 2)
        rig.call(Self.update, metadata: #"{"traceparent":"x"}"#, body: #"{"rows":[]}"#, as: 2)
        let call = try rig.takeOne(.call, for: 1)
        #expect(call.header.target == Self.update)
        #expect(call.metadata == #"{"traceparent":"x"}"#)
        #expect(call.body == #"{"rows":[]}"#)
        rig.answer(call, .answer, #"{"changes":[]}"#, metadata: #"{"a":1}"#, as: 1)
        let reply = try rig.takeOne(.reply, for: 2)
        #expect(reply.status == .answer)
        #expect(reply.header.callID == 7)
        #expect(reply.metadata == #"{"a":1}"#)
        #expect(reply.body == #"{"changes":[]}"#)
    }

    @Test func noOpinionOnRowsIsHandedOn() throws {
        var rig = try self.rig()
        rig.module("search", updates: ["index_events"], as: 1)
        let host = rig.host()
        rig.call(Self.update, as: host)
        try rig.answer(.continue, as: 1)
        #expect(try rig.takeOne(.reply, for: host).status == .continue)
    }

    @Test func aServiceIsLetInAndAnswersItsMethods() throws {
        var rig = try self.rig()
        rig.hello("background-update-worker", as: 1)
        #expect(try Welcome(decoding: rig.takeOne(.welcome, for: 1).body).configuration == .null)
        rig.register(methods: ["status", "list"], as: 1)
        let registered = try Registered(decoding: rig.takeOne(.registered, for: 1).body)
        #expect(registered.methods == ["status", "list"])
        rig.say(Header(kind: .ready), as: 1)
        let host = rig.host()
        rig.call(Self.status, body: .empty, as: host)
        try rig.answer(.answer, #"{"enabled":true}"#, as: 1)
        #expect(try rig.takeOne(.reply, for: host).body == #"{"enabled":true}"#)
    }

    @Test func aModuleCallsTheMethodOfAnotherOne() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", methods: ["refresh"], as: 1)
        rig.module("b", as: 2)
        rig.call("method/a/refresh", as: 2)
        try rig.answer(.answer, "true", as: 1)
        #expect(try rig.takeOne(.reply, for: 2).body == "true")
    }

    @Test func ofSeveralInstancesTheOneWithTheFewestCallsIsAsked() throws {
        var rig = try self.rig()
        for peer in 1...3 as ClosedRange<UInt32> {
            rig.module("background-update-worker", methods: ["status"], as: PeerID(rawValue: peer))
        }
        let host = rig.host()
        for id in 1...6 { rig.call(Self.status, id: UInt64(id), as: host) }
        let held = (1...3).map { rig.take(.call, for: PeerID(rawValue: $0)) }
        #expect(held.map(\.count) == [2, 2, 2])
        for call in held[2] { rig.answer(call, .answer, "{}", as: 3) }
        for id in 7...8 { rig.call(Self.status, id: UInt64(id), as: host) }
        #expect(rig.take(.call, for: 3).count == 2)
    }

    @Test func replicasThatDifferAreAskedOnlyForWhatTheyHave() throws {
        var rig = try self.rig()
        rig.module("search", updates: ["index_events"], as: 1)
        rig.module("search", updates: ["index_events", "index_rooms"], as: 2)
        let host = rig.host()
        for id in 1...4 { rig.call("update/search/index_rooms", id: UInt64(id), as: host) }
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.call, for: 2).count == 4)
    }

    // MARK: Absence

    @Test(arguments: [
        ("update/search/nothing", BusFault.Code.notFound), ("update/nobody/x", .notFound), ("update/search", .notFound),
        ("method/background-update-worker/status", .noneUp), ("method/search/x", .notFound), ("methods/x", .badRequest),
    ])
    func whatIsNotThereIsSaidApart(target: String, code: BusFault.Code) throws {
        var rig = try self.rig()
        rig.module("search", updates: ["index_events"], as: 1)
        let host = rig.host()
        rig.call(target, as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == code)
    }

    @Test func aModuleThatIsDownMayComeBack() throws {
        var rig = try self.rig()
        rig.module("search", updates: ["index_events"], as: 1)
        let host = rig.host()
        rig.call(Self.update, id: 1, as: host)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .lost)
        rig.call(Self.update, id: 2, as: host)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == .noneUp)
        #expect(fault.isRetryable)
        rig.module("search", updates: ["index_events"], as: 2)
        rig.call(Self.update, id: 3, as: host)
        #expect(rig.take(.call, for: 2).count == 1)
    }

    @Test(arguments: [
        (BusFault.Code.badRequest, BusFault.Code.badRequest), (.notFound, .notFound), (.forbidden, .forbidden),
        (.noneUp, .moduleError), (.lost, .moduleError),
    ])
    func aMethodsOwnCodesAboutItsCallerAreHandedOn(said: BusFault.Code, heard: BusFault.Code) throws {
        var rig = try self.rig()
        rig.module("background-update-worker", methods: ["status"], as: 1)
        let host = rig.host()
        rig.call(Self.status, as: host)
        try rig.answer(.error, BusFault(said, "why").encoded(), as: 1)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == heard)
        #expect(fault.message == "why")
    }

    @Test func aMethodThatIsOverloadedSaysWhy() throws {
        var rig = try self.rig()
        rig.module("background-update-worker", methods: ["status"], as: 1)
        let host = rig.host()
        rig.call(Self.status, as: host)
        try rig.answer(.overloaded, BusFault(.overloaded, "it is starting").encoded(), as: 1)
        let fault = try rig.takeOne(.reply, for: host).fault()
        #expect(fault.code == .overloaded)
        #expect(fault.message == "it is starting")
    }

    // MARK: Registration

    @Test func badNamesAndRepeatedOnesRefuseTheWholeManifest() throws {
        var rig = try self.rig()
        rig.hello("search", as: 1)
        rig.register(methods: ["ok", "No", "ok"], updates: ["a/b", "fine-1.0_X", ""], as: 1)
        let reasons = try Refusal(decoding: rig.takeOne(.refused, for: 1).body).reasons
        #expect(
            reasons.map { "\($0.code) \($0.item)" } == [
                "invalid_name methods[1].name", "duplicate methods[2].name", "invalid_name background_updates[0].name",
                "invalid_name background_updates[2].name",
            ]
        )
        let host = rig.host()
        rig.call("method/search/ok", as: host)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .noneUp)
    }

    @Test func aServiceHasNoRoutesAndNoCallbacks() throws {
        var rig = try self.rig()
        rig.hello("background-update-worker", as: 1)
        rig.register([RegistrationTests.spam], routes: [.init(path: "/x")], as: 1)
        let reasons = try Refusal(decoding: rig.takeOne(.refused, for: 1).body).reasons
        #expect(reasons.map(\.code) == ["not_allowed", "not_allowed"])
    }

    // MARK: Operators

    @Test func nobodyWaitsForAService() throws {
        var rig = try self.rig()
        rig.module("search", as: 1)
        let host = rig.host()
        let table = try rig.admin("table", as: host)
        #expect(table["modules"] == ["search"])
        #expect(table["waiting_for"] == [])
        #expect(try rig.admin("status", as: host)["waiting_for"] == [])
    }

    @Test func operatorsSeeWhatIsOfferedAndHowItIsCalled() throws {
        var rig = try self.rig()
        rig.module("search", updates: ["index_events"], as: 1)
        rig.module("background-update-worker", methods: ["status"], as: 2)
        rig.call(Self.update, as: 2)
        try rig.answer(.answer, "{}", as: 1)
        let host = rig.host()
        let seen = try rig.admin("modules", as: host)
        #expect(seen["modules"]?.array?.count == 1)
        let module = seen["modules"]?.array?[0]
        #expect(module?["background_updates"] == ["index_events"])
        #expect(module?["counters"]?["background_updates"]?["answers"] == 1)
        let service = seen["services"]?.array?[0]
        #expect(service?["id"] == "background-update-worker")
        #expect(service?["methods"] == ["status"])
        #expect(service?["state"] == "ready")
        #expect(try rig.admin("status", as: host)["background_updates"]?["calls"] == 1)
    }
}
