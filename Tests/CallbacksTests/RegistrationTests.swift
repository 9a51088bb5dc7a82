import MessageBus
import Testing
import WireProtocol

@testable import Callbacks

struct RegistrationTests {
    static let spam = "spam_checker/check_event_for_spam"

    private func refusal(_ rig: inout DispatcherRig, of peer: PeerID) throws -> [Remark] {
        try Refusal(decoding: try rig.takeOne(.refused, for: peer).body).reasons
    }

    private func state(of index: Int, _ rig: inout DispatcherRig) throws -> String? {
        let host = rig.host()
        return try rig.admin("modules", as: host)["modules"]?.array?[index]["state"]?.string
    }

    @Test func aModuleGetsItsConfigurationAndItsLimits() throws {
        let module = DispatcherConfiguration.Module(
            id: "a",
            configuration: ["x": 1],
            configurationPath: "modules[0].config"
        )
        var rig = try DispatcherRig([module])
        rig.hello("a", as: 1)
        let welcome = try Welcome(decoding: try rig.takeOne(.welcome, for: 1).body)
        #expect(welcome.configuration == ["x": 1])
        #expect(welcome.configurationPath == "modules[0].config")
        #expect(welcome.dispatcher == "d1")
        #expect(welcome.inFlightMax == 1024)
    }

    @Test func statesFollowTheLifeOfAModule() throws {
        var rig = try DispatcherRig("a")
        #expect(try self.state(of: 0, &rig) == "configured")
        rig.hello("a", as: 1)
        #expect(try self.state(of: 0, &rig) == "starting")
        rig.register(as: 1)
        #expect(try self.state(of: 0, &rig) == "registered")
        rig.say(Header(kind: .ready), as: 1)
        #expect(try self.state(of: 0, &rig) == "ready")
        rig.say(Header(kind: .drain), as: 1)
        #expect(try self.state(of: 0, &rig) == "draining")
        rig.say(Header(kind: .bye), Farewell(reason: .shutdown).encoded(), as: 1)
        #expect(try self.state(of: 0, &rig) == "stopped")
        rig.module("a", as: 2)
        rig.cannotSend(Header(kind: .ping), to: 2, .unreachable)
        #expect(try self.state(of: 0, &rig) == "lost")
    }

    @Test func aModuleThatIsNotConfiguredIsRefused() throws {
        var rig = try DispatcherRig("link-guard")
        rig.hello("link-gard", as: 1)
        let reasons = try self.refusal(&rig, of: 1)
        #expect(reasons.map(\.code) == ["unknown_module"])
        #expect(reasons[0].message.contains("did you mean 'link-guard'"))
    }

    @Test func theSameRefusalIsLoggedOnce() throws {
        var rig = try DispatcherRig("link-guard")
        for _ in 0..<5 { rig.hello("link-gard", as: 1) }
        #expect(rig.take(.refused, for: 1).count == 5)
        #expect(rig.logged.filter { $0 == "peer refused" }.count == 1)
        rig.hello("link-gart", as: 1)
        #expect(rig.logged.filter { $0 == "peer refused" }.count == 2)
    }

    @Test func versionsWithoutOneInCommonAreRefused() throws {
        var rig = try DispatcherRig("a")
        let hello = Hello(id: "a", role: .module, version: "", incarnation: "i", protocolRange: 2...3)
        rig.say(Header(kind: .hello), hello.encoded(), as: 1)
        #expect(try self.refusal(&rig, of: 1).map(\.code) == ["protocol_version"])
        #expect(try self.state(of: 0, &rig) == "refused")
    }

    @Test func everyReasonIsGivenAndNothingIsRegistered() throws {
        let module = DispatcherConfiguration.Module(
            id: "a",
            allowedRoutes: ["/_modules/a", "/_matrix", "/x"],
            allowedCallbacks: ["spam_checker/*", "password_auth_provider/auth_checkers"]
        )
        var rig = try DispatcherRig([module])
        rig.hello("a", as: 1)
        let routes: [RouteClaim] = [
            .init(path: "/_matrix/client/x"), .init(path: "nope"), .init(path: "/_modules/b/x"), .init(path: "/y"),
            .init(path: "/x/{a}", methods: ["GET", "get", "OPTIONS"]), .init(path: "/x/{b}"),
            .init(path: "/_modules/a/ok"),
        ]
        rig.register(
            [
                Self.spam, "spam_checker/check_evnt_for_spam", "third_party_rules/on_new_event",
                "password_auth_provider/auth_checkers", Self.spam,
            ],
            routes: routes,
            as: 1
        )
        let reasons = try self.refusal(&rig, of: 1)
        #expect(
            reasons.map { "\($0.item) \($0.code)" } == [
                "routes[0] reserved_path", "routes[1] invalid_path", "routes[2] reserved_path", "routes[3] not_allowed",
                "routes[4].methods[1] invalid_method", "routes[4].methods[2] invalid_method", "routes[5] duplicate",
                "callbacks[1] unknown_callback", "callbacks[2] not_allowed", "callbacks[3].keys invalid_keys",
                "callbacks[4] duplicate",
            ]
        )
        #expect(reasons[0].message.contains("choose a path below /_modules/a"))
        #expect(reasons[7].message.contains("did you mean spam_checker/check_event_for_spam"))
        let host = rig.host()
        #expect(try rig.admin("routes", as: host)["routes"] == [])
        rig.call("callback/\(Self.spam)", as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
    }

    @Test(arguments: [
        ("/a", true), ("/a/", true), ("/", true), ("/a/{id}", true), ("/a%20b", true), ("/_matrix", true),
        ("/_modules/a/x", true), ("", false), ("a", false), ("//", false), ("/a//b", false), ("/a/../b", false),
        ("/a?b", false), ("/a/{}", false), ("/a/x{id}", false), ("/a b", false), ("/_matrix/client", false),
        ("/{x}/client/y", false), ("/_modules/{x}/y", false), ("/{a}/{b}", false), ("/_modules/b", false),
    ])
    func aPathCanBeServedOrNot(path: String, isGranted: Bool) throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register(routes: [.init(path: path)], as: 1)
        #expect(rig.take(.registered, for: 1).count == (isGranted ? 1 : 0), "\(path)")
    }

    @Test(arguments: [
        ("/a", true), ("/a/", true), ("/a/{id}", true), ("/_modules/a", true), ("/_modules/a/", true),
        ("/_modules/a/{x}", true), ("/_matrix/media", true), ("/", false), ("/{x}", false), ("/{x}/", false),
        ("/_matrix", false), ("/_matrix/", false), ("/{x}/{y}", false), ("/_modules", false), ("/_modules/", false),
        ("/_modules/{x}", false), ("/_modules/b", false), ("/_ganglion/x", false),
    ])
    func aSubtreeTakesInNothingThatIsReserved(path: String, isGranted: Bool) throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register(routes: [.init(path: path, match: .subtree)], as: 1)
        #expect(rig.take(.registered, for: 1).count == (isGranted ? 1 : 0), "\(path)")
        #expect(rig.take(.refused, for: 1).count == (isGranted ? 0 : 1), "\(path)")
    }

    private static func routes(of id: String, _ count: Int = 1024, length: Int = 100) -> [RouteClaim] {
        (0..<count).map { .init(path: "/_modules/\(id)/\(String(repeating: "x", count: length))/\($0)") }
    }

    @Test func aTableOfMoreThanAMebibyteReachesItsHosts() throws {
        let ids = (0..<3).map { "m\($0)" }
        var rig = try DispatcherRig(ids.map { .init(id: $0) })
        for (index, id) in ids.enumerated() {
            rig.module(id, routes: Self.routes(of: id, 700, length: 700), as: PeerID(rawValue: UInt32(index)))
        }
        rig.hello("host", .host, as: 1000)
        rig.say(Header(kind: .ready), as: 1000)
        let sent = try rig.takeOne(.table, for: 1000)
        #expect(sent.body.count > WireLimits.controlBodySize)
        let received = try Envelope(
            received: sent.header,
            second: sent.body,
            third: nil,
            frameCount: 2,
            bodySizeMax: WireLimits.defaultBodySize
        )
        #expect(try RoutingTableMessage(decoding: received.body).routes.count == 3 * 700)
    }

    @Test func routesThatWouldMakeTheTableTooLongAreRefusedWithAReason() throws {
        let ids = (0..<200).map { "m\($0)" }
        var rig = try DispatcherRig(ids.map { .init(id: $0) })
        rig.hello("m7", as: 1)
        rig.register(routes: Self.routes(of: "m7"), as: 1)
        let reasons = try self.refusal(&rig, of: 1)
        #expect(reasons.map { "\($0.item) \($0.code)" } == ["routes limit"])
        #expect(try self.state(of: 7, &rig) == "refused")
        rig.register(routes: Self.routes(of: "m7", 100), as: 1)
        #expect(rig.take(.registered, for: 1).count == 1)
    }

    @Test func replicasShareTheirModulesPartOfTheTable() throws {
        let ids = (0..<200).map { "m\($0)" }
        var rig = try DispatcherRig(ids.map { .init(id: $0) })
        rig.module("m7", routes: Self.routes(of: "m7", 300), as: 1)
        rig.module("m7", routes: Self.routes(of: "m7", 300), as: 2)
        rig.hello("m7", as: 3)
        rig.register(routes: Self.routes(of: "m7", 600).suffix(300), as: 3)
        #expect(try self.refusal(&rig, of: 3).map(\.code) == ["limit"])
    }

    @Test func moreReasonsThanAnybodyReadsAreCounted() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register(routes: [.init(path: "/a", methods: Array(repeating: "x", count: 50_000))], as: 1)
        let reasons = try self.refusal(&rig, of: 1)
        #expect(reasons.count == 1025)
        #expect(reasons.last?.message == "and 48976 more reasons")
    }

    @Test func whoeverRegistersPartOfAControllerRegistersItsHeart() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register(["background_update_controller/min_batch_size"], as: 1)
        let reasons = try self.refusal(&rig, of: 1)
        #expect(reasons.map(\.code) == ["at_least"])
        #expect(reasons.first?.message.contains("on_update") == true)
        let both = ["background_update_controller/min_batch_size", "background_update_controller/on_update"]
        rig.register(both, as: 1)
        #expect(rig.take(.registered, for: 1).count == 1)
    }

    @Test func aPairIsRegisteredWholeOrNotAtAll() throws {
        let text = """
            catalogue: 1
            categories:
              pair:
                constraints: [{ both_or_neither: [one, two] }]
                callbacks: { one: { rule: notify }, two: { rule: notify } }
            """
        var rig = try DispatcherRig("a") { configuration in
            if let catalogue = try? Catalogue().adding(text, from: "") { configuration.catalogue = catalogue }
        }
        rig.hello("a", as: 1)
        rig.register(["pair/one"], as: 1)
        #expect(try self.refusal(&rig, of: 1).map(\.code) == ["both_or_neither"])
        rig.register(["pair/one", "pair/two"], as: 1)
        #expect(rig.take(.registered, for: 1).count == 1)
    }

    @Test(arguments: [["a", "b"], ["b", "a"]])
    func ofTwoModulesForOnePlaceTheFirstInTheConfigurationStays(order: [String]) throws {
        var rig = try DispatcherRig("a", "b")
        for id in order {
            rig.hello(id, as: id == "a" ? 1 : 2)
            rig.register(["shop/single"], as: id == "a" ? 1 : 2)
            rig.say(Header(kind: .ready), as: id == "a" ? 1 : 2)
        }
        #expect(try self.refusal(&rig, of: 2).map(\.code) == ["at_most_one_module"])
        #expect(try self.state(of: 0, &rig) == "ready")
        #expect(try self.state(of: 1, &rig) == "refused")
    }

    @Test func aWithdrawnModuleMayRegisterAgainWhileItStillWorksOnACall() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("b", ["shop/single"], as: 2)
        let host = rig.host()
        rig.call("callback/shop/single", as: host)
        let call = try rig.takeOne(.call, for: 2)
        rig.module("a", ["shop/single"], as: 1)
        rig.register([], as: 2)
        #expect(rig.take(.registered, for: 2).count == 1)
        rig.answer(call, .answer, "1", as: 2)
        #expect(rig.take(.reply, for: host).count == 1)
    }

    @Test(arguments: [
        "/%5Fmodules/b/x", "/%5fmodules/b/x", "/_modules/%62/x", "/_matrix/%63lient/x", "/a%2fb", "/a%", "/a%2",
        "/a%zz",
    ])
    func aPathThatCouldBeWrittenOtherwiseIsRefused(path: String) throws {
        var rig = try DispatcherRig("a", "b")
        rig.hello("a", as: 1)
        rig.register(routes: [RouteClaim(path: path)], as: 1)
        #expect(try self.refusal(&rig, of: 1).map(\.code) == ["invalid_path"])
    }

    @Test(arguments: ["/_modules/a/caf%C3%A9", "/_modules/a/x%20y", "/_modules/a/x%2Fy"])
    func anEscapeThatIsNeededIsAPathLikeAnyOther(path: String) throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        rig.register(routes: [RouteClaim(path: path)], as: 1)
        #expect(rig.take(.registered, for: 1).count == 1)
    }

    @Test func registrationIsClosedAfterTheFirst() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], as: 1)
        rig.register(["spam_checker/user_may_invite"], as: 1)
        #expect(try self.refusal(&rig, of: 1).map(\.code) == ["registration_closed"])
        let host = rig.host()
        rig.call("callback/\(Self.spam)", as: host)
        #expect(rig.take(.call, for: 1).count == 1)
    }

    @Test func theLoserOfAPathIsWarnedWhoeverCameFirst() throws {
        for order in [["a", "b"], ["b", "a"]] {
            var rig = try DispatcherRig("a", "b")
            for id in order {
                rig.module(id, routes: [.init(path: "/shared/{x}")], as: id == "a" ? 1 : 2)
            }
            let host = rig.host()
            let route = try rig.admin("routes", as: host)["routes"]?.array?.first
            #expect(route?["module"] == "a")
            #expect(route?["losers"] == ["b"])
            let warnings = try rig.admin("modules", as: host)["modules"]?.array?[1]["warnings"]?.array
            #expect(warnings?.first?["code"] == "route_taken")
        }
    }

    @Test func reasonsStayVisibleAfterTheModuleIsGone() throws {
        var rig = try DispatcherRig("a")
        rig.hello("a", as: 1)
        let problem = Farewell.Problem(path: "modules[0].config.x", message: "expected a domain name")
        rig.say(Header(kind: .bye), Farewell(reason: .configuration, problems: [problem]).encoded(), as: 1)
        rig.cannotSend(Header(kind: .ping), to: 1, .unreachable)
        let host = rig.host()
        let module = try rig.admin("modules", as: host)["modules"]?.array?[0]
        #expect(module?["state"] == "configuration_error")
        #expect(module?["reasons"]?.array?.first?["item"] == "modules[0].config.x")
        #expect(module?["reasons"]?.array?.first?["message"] == "expected a domain name")
    }

    @Test func theSameProcessReconnectingReplacesItsOldConnection() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", [Self.spam], incarnation: "i", as: 1)
        let host = rig.host()
        rig.call("callback/\(Self.spam)", id: 1, as: host)
        rig.module("a", [Self.spam], incarnation: "i", as: 2)
        rig.call("callback/\(Self.spam)", id: 2, as: host)
        #expect(rig.take(.call, for: 2).count == 1)
        let instances = try rig.admin("modules", as: host)["modules"]?.array?[0]["instances"]?.array
        #expect(instances?.count == 1)
    }

    @Test func sayingHelloAgainBeginsAgain() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", ["shop/may_buy"], as: 1)
        let host = rig.host()
        rig.call("callback/shop/may_buy", as: host)
        rig.hello("a", .module, "new", as: 1)
        #expect(try rig.takeOne(.reply, for: host).fault().code == .lost)
        #expect(rig.take(.welcome, for: 1).count == 1)
    }

    @Test func aStrangerIsAskedWhoItIsButNotForEveryMessage() throws {
        var rig = try DispatcherRig("a")
        for _ in 0..<50 { rig.say(Header(kind: .ping), as: 9) }
        #expect(rig.take(.whoAreYou, for: 9).count == 1)
        rig.advance(milliseconds: 101)
        rig.say(Header(kind: .ping), as: 9)
        #expect(rig.take(.whoAreYou, for: 9).count == 1)
        rig.advance(milliseconds: 20_000)
        let host = rig.host()
        #expect(try rig.admin("status", as: host)["strangers"] == 0)
    }

    @Test func aPeerThatKeepsStartingOverIsBarredForAWhile() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        for _ in 0..<200 {
            rig.hello("a", as: 1)
            rig.register(routes: [.init(path: "/_modules/a/x")], as: 1)
            rig.say(Header(kind: .ready), as: 1)
            rig.say(Header(kind: .drain), as: 1)
        }
        #expect(rig.take(.welcome, for: 1).count == 25)
        #expect(rig.take(.table, for: host).count <= 100)
        #expect(try self.state(of: 0, &rig) == "failed")
        rig.advance(milliseconds: 10_000)
        rig.hello("a", as: 1)
        #expect(rig.take(.welcome, for: 1).count == 1)
    }

    @Test func manyDisconnectsAreOneReasonToLookForWhoIsGone() throws {
        var rig = try DispatcherRig("a")
        let host = rig.host()
        for _ in 0..<50 { rig.connectionsChanged() }
        #expect(rig.take(.ping, for: host).count == 1)
        rig.advance(milliseconds: 100)
        #expect(rig.take(.ping, for: host).count == 1)
        rig.advance(milliseconds: 500)
        #expect(rig.take(.ping, for: host).isEmpty)
    }

    @Test func aPeerThatSendsGarbageIsBarredAndOthersAreNot() throws {
        var rig = try DispatcherRig("a", "b")
        rig.module("a", [Self.spam], as: 1)
        rig.module("b", [Self.spam], as: 2)
        let host = rig.host()
        for _ in 0..<100 { rig.sayGarbage(as: 1) }
        rig.hello("a", as: 1)
        #expect(rig.take(.welcome, for: 1).isEmpty)
        rig.call("callback/\(Self.spam)", as: host)
        #expect(rig.take(.call, for: 1).isEmpty)
        #expect(rig.take(.call, for: 2).count == 1)
        rig.advance(milliseconds: 1000)
        _ = rig.take(.reply, for: host)
        rig.say(Header(kind: .pong), as: host)
        #expect(try rig.admin("modules", as: host)["modules"]?.array?[0]["state"] == "failed")
        rig.advance(milliseconds: 10_001)
        rig.module("a", [Self.spam], as: 1)
        let other = rig.host(1001)
        #expect(try rig.admin("modules", as: other)["modules"]?.array?[0]["state"] == "ready")
    }

    @Test func unknownKindsAreNoAbuse() throws {
        var rig = try DispatcherRig("a")
        rig.module("a", as: 1)
        for _ in 0..<200 { rig.say(Header(kind: .chunk), as: 1) }
        #expect(try self.state(of: 0, &rig) == "ready")
    }
}
