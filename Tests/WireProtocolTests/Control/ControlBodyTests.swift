import Testing
import WireProtocol

/// Each body survives its text, and an error names the member that does not fit.
struct ControlBodyTests {
    private func expectRoundTrip(_ body: some ControlBody, _ location: SourceLocation = #_sourceLocation) throws {
        let read = try type(of: body).init(decoding: body.encoded())
        #expect(read == body, sourceLocation: location)
    }

    @Test func everyBodySurvivesItsText() throws {
        try self.expectRoundTrip(Hello(id: "a", role: .host, version: "", incarnation: "x"))
        try self.expectRoundTrip(
            Hello(
                id: "link-guard-2",
                role: .module,
                version: "1.0.0",
                incarnation: String(repeating: "f", count: 64),
                protocolRange: 1...9,
                heartbeatMilliseconds: 30_000
            )
        )
        try self.expectRoundTrip(Welcome(dispatcher: "5b1d"))
        try self.expectRoundTrip(
            Welcome(
                protocolVersion: 2,
                dispatcher: "5b1d",
                configuration: ["blocklist": ["evil.example", nil, 1.5]],
                configurationPath: "modules[1].config",
                heartbeatMilliseconds: 10,
                liveness: 100,
                bodySizeMax: 1,
                inFlightMax: 1_000_000
            )
        )
        try self.expectRoundTrip(Manifest())
        try self.expectRoundTrip(
            Manifest(
                routes: [
                    RouteClaim(path: "/a/{id}", match: .subtree, methods: ["GET", "POST"]), RouteClaim(path: "/b"),
                ],
                callbacks: [
                    CallbackClaim(category: "c", name: "n", concurrency: 65_535, isPure: true, filter: ["a.b": "c"]),
                    CallbackClaim(category: "c", name: "m", concurrency: 1),
                    CallbackClaim(category: "c", name: "k", keys: [KeyClaim(key: "é", fields: ["x", "y"])]),
                ],
                methods: [MethodClaim(name: "status"), MethodClaim(name: "list")],
                backgroundUpdates: [BackgroundUpdateClaim(name: "index_events")],
                requires: [RequirementClaim(module: "a"), RequirementClaim(module: "b", method: "m")]
            )
        )
        try self.expectRoundTrip(Readiness())
        try self.expectRoundTrip(Readiness(disabledBecause: "é"))
        let remark = Remark(code: "route_taken", item: "routes[0]", message: "é \"quoted\"")
        try self.expectRoundTrip(
            Registered(epoch: UInt64(Int64.max), routes: ["/a"], callbacks: ["c/n"], warnings: [remark])
        )
        try self.expectRoundTrip(Refusal(reasons: [remark, Remark(code: "limit", message: "")]))
        try self.expectRoundTrip(Farewell(reason: .shutdown))
        try self.expectRoundTrip(
            Farewell(reason: .configuration, problems: [Farewell.Problem(path: "modules[0].config.x", message: "bad")])
        )
        try self.expectRoundTrip(BusFault(.timeout, "too late", isRetryable: true))
        try self.expectRoundTrip(
            RoutingTableMessage(
                epoch: 7,
                modules: ["a", "b"],
                waitingFor: ["c"],
                routes: [
                    RoutingTableMessage.Route(claim: RouteClaim(path: "/x", match: .subtree), module: "a", isUp: false)
                ]
            )
        )
    }

    @Test func theExamplesOfThePageAreRead() throws {
        let page = try ProtocolDocument()
        func read<Body: ControlBody>(_ type: Body.Type, _ heading: String) throws -> Body {
            try Body(json: JSONValue(parsing: #require(page.examples(in: heading).first)))
        }
        #expect(try read(Hello.self, "### 3.1").id == "link-guard")
        #expect(try read(Readiness.self, "### 3.7").disabledBecause == "the blocklist cannot be fetched")
        #expect(try read(Welcome.self, "### 3.2").configuration["blocklist"] == ["evil.example"])
        #expect(try read(Manifest.self, "### 3.3").callbacks.first?.name == "check_event_for_spam")
        #expect(try read(Registered.self, "### 3.4").warnings.first?.code == "route_taken")
        #expect(try read(Refusal.self, "### 3.5").reasons.first?.item == "routes[0]")
        #expect(try read(Farewell.self, "### 3.6").problems.first?.path == "modules[1].config.blocklist[2]")
        #expect(try read(RoutingTableMessage.self, "## 6.").routes.first?.isUp == true)
    }

    @Test func membersThatAreNotKnownAreIgnored() throws {
        #expect(try BusFault(decoding: #"{"code":"lost","since":1,"message":"m"}"#) == BusFault(.lost, "m"))
    }

    @Test func whatMayBeLeftOutHasTheValueOfThePage() throws {
        let manifest = try Manifest(
            decoding: #"{"routes":[{"path":"/a"}],"callbacks":[{"category":"c","name":"n"}]}"#
        )
        #expect(manifest.routes == [RouteClaim(path: "/a", match: .exact, methods: ["GET"])])
        #expect(manifest.callbacks == [CallbackClaim(category: "c", name: "n", concurrency: 64, isPure: false)])
        #expect(try Manifest(decoding: #"{"routes":[{"path":"/a","methods":[]}]}"#).routes.first?.methods == ["GET"])
        #expect(try Farewell(decoding: "{}").reason == .shutdown)
        #expect(try Welcome(decoding: #"{"protocol":1,"dispatcher":"d","limits":{}}"#) == Welcome(dispatcher: "d"))
    }

    @Test func aReasonToLeaveThatIsNotKnownIsAFailure() throws {
        #expect(try Farewell(decoding: #"{"reason":"bored"}"#).reason == .failed)
    }

    @Test(arguments: [
        ("{}", "id: "), ("[]", "the body: "), ("1", "the body: "), (#"{"id":1}"#, "id: "), (#"{"id":"A"}"#, "id: "),
        (#"{"id":"a"}"#, "role: "), (#"{"id":"a","role":"boss"}"#, "role: "),
        (#"{"id":"a","role":"host"}"#, "incarnation: "),
        (#"{"id":"a","role":"host","incarnation":""}"#, "incarnation: "),
        (#"{"id":"a","role":"host","incarnation":"x"}"#, "protocol: "),
        (#"{"id":"a","role":"host","incarnation":"x","protocol":{}}"#, "protocol.min: "),
        (#"{"id":"a","role":"host","incarnation":"x","protocol":{"min":0,"max":1}}"#, "protocol.min: "),
        (#"{"id":"a","role":"host","incarnation":"x","protocol":{"min":2,"max":1}}"#, "protocol.max: "),
        (#"{"id":"a","role":"host","incarnation":"x","protocol":{"min":1,"max":1.5}}"#, "protocol.max: "),
        (
            #"{"id":"a","role":"host","incarnation":"x","protocol":{"min":1,"max":1},"heartbeat_ms":9}"#,
            "heartbeat_ms: "
        ),
        (
            #"{"id":"a","role":"host","incarnation":"x","protocol":{"min":1,"max":1},"heartbeat_ms":30001}"#,
            "heartbeat_ms: "
        ),
        (#"{"id":"a","role":"host","incarnation":"x","version":1}"#, "version: "),
    ])
    func aHelloThatDoesNotFitNamesTheMember(text: String, start: String) {
        self.expectError(Hello.self, text, start)
    }

    @Test(arguments: [
        ("{}", "protocol: "), (#"{"protocol":1}"#, "dispatcher: "), (#"{"protocol":1,"dispatcher":"d"}"#, "limits: "),
        (#"{"protocol":256,"dispatcher":"d"}"#, "protocol: "),
        (#"{"protocol":1,"dispatcher":"d","liveness":0}"#, "liveness: "),
        (#"{"protocol":1,"dispatcher":"d","limits":{"body_bytes":0}}"#, "limits.body_bytes: "),
        (#"{"protocol":1,"dispatcher":"d","limits":{"in_flight":1e3}}"#, "limits.in_flight: "),
    ])
    func aWelcomeThatDoesNotFitNamesTheMember(text: String, start: String) {
        self.expectError(Welcome.self, text, start)
    }

    @Test(arguments: [
        (#"{"routes":{}}"#, "routes: "), (#"{"routes":[1]}"#, "routes[0]: "), (#"{"routes":[{}]}"#, "routes[0].path: "),
        (#"{"routes":[{"path":"/"},{"path":"/","match":"some"}]}"#, "routes[1].match: "),
        (#"{"routes":[{"path":"/","methods":["GET",1]}]}"#, "routes[0].methods[1]: "),
        (#"{"callbacks":[{}]}"#, "callbacks[0].category: "),
        (#"{"callbacks":[{"category":"c"}]}"#, "callbacks[0].name: "),
        (#"{"callbacks":[{"category":"c","name":"n","concurrency":0}]}"#, "callbacks[0].concurrency: "),
        (#"{"callbacks":[{"category":"c","name":"n","concurrency":65536}]}"#, "callbacks[0].concurrency: "),
        (#"{"callbacks":[{"category":"c","name":"n","pure":"yes"}]}"#, "callbacks[0].pure: "),
    ])
    func aManifestThatDoesNotFitNamesTheMember(text: String, start: String) {
        self.expectError(Manifest.self, text, start)
    }

    @Test func theOtherBodiesNameTheMemberToo() {
        self.expectError(Registered.self, "{}", "epoch: ")
        self.expectError(Registered.self, #"{"epoch":-1}"#, "epoch: ")
        self.expectError(Registered.self, #"{"epoch":1,"warnings":[{"code":1}]}"#, "warnings[0].code: ")
        self.expectError(Refusal.self, #"{"reasons":["no"]}"#, "reasons[0]: ")
        self.expectError(Farewell.self, #"{"reason":"failed","errors":[{"path":[]}]}"#, "errors[0].path: ")
        self.expectError(BusFault.self, #"{"message":"m"}"#, "code: ")
        self.expectError(BusFault.self, #"{"code":"lost","retryable":0}"#, "retryable: ")
        self.expectError(RoutingTableMessage.self, #"{"epoch":1,"modules":[null]}"#, "modules[0]: ")
        self.expectError(RoutingTableMessage.self, #"{"epoch":1,"routes":[{"path":"/"}]}"#, "routes[0].module: ")
        self.expectError(
            RoutingTableMessage.self,
            #"{"epoch":1,"routes":[{"path":"/","match":"x"}]}"#,
            "routes[0].match: "
        )
    }

    @Test(arguments: ["", "-a", "A", "a_b", "é", "a b", String(repeating: "a", count: 64)])
    func aNameOutsideOfTheRuleIsNoName(id: String) {
        #expect(!Hello.isValid(id: id))
    }

    @Test(arguments: ["a", "0", "a-", "link-guard-2", String(repeating: "a", count: 63)])
    func aNameWithinTheRuleIsOne(id: String) {
        #expect(Hello.isValid(id: id))
    }

    private func expectError<Body: ControlBody>(
        _ type: Body.Type,
        _ text: String,
        _ start: String,
        _ location: SourceLocation = #_sourceLocation
    ) {
        let error = #expect(throws: WireError.self, sourceLocation: location) { try Body(decoding: Payload(text)) }
        #expect(error?.code == .controlBody, sourceLocation: location)
        #expect(error?.message.hasPrefix(start) == true, "\(error?.message ?? "")", sourceLocation: location)
    }

    @Test func aReadyWithoutABodyIsAReadyForCalls() throws {
        #expect(try Readiness(ofReady: .empty) == Readiness())
        #expect(Readiness().body.isEmpty)
        #expect(try Readiness(ofReady: "{}") == Readiness())
    }

    @Test func aReasonIsCutAndNeverEmpty() {
        let long = Readiness(disabledBecause: String(repeating: "x", count: 2000))
        #expect(long.disabledBecause?.utf8.count == Readiness.reasonSizeMax)
        #expect(Readiness(disabledBecause: "").disabledBecause == "no reason given")
    }
}
