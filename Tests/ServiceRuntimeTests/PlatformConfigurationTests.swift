import Logging
import ServiceRuntime
import Testing

struct PlatformConfigurationTests {
    static let file = "/srv/shop/ganglion.yaml"

    private func configuration(_ yaml: String) throws -> PlatformConfiguration {
        try PlatformConfiguration(yaml: yaml, file: Self.file)
    }

    @Test func anEmptyFileIsAPlatformWithoutModules() throws {
        for yaml in ["", "# nothing\n", "modules:\ngateway:\n"] {
            let configuration = try self.configuration(yaml)
            #expect(configuration.modules.isEmpty)
            #expect(configuration.bus.listen == ["ipc:///srv/shop/run/bus.sock"])
            #expect(configuration.bus.connect == "ipc:///srv/shop/run/bus.sock")
            #expect(configuration.bus.socketFiles == ["/srv/shop/run/bus.sock"])
            #expect(configuration.bus.heartbeat == .seconds(1))
            #expect(configuration.bus.bodyBytesMax == 16 << 20)
            #expect(configuration.gateway.listen == HostAndPort(host: "127.0.0.1", port: 8008))
            #expect(configuration.gateway.budget == .seconds(10))
            #expect(configuration.gateway.adminTokenFile == "/srv/shop/run/admin.token")
            #expect(configuration.gateway.reserved == PlatformConfiguration.Gateway.standardReserved)
            #expect(configuration.log == LogConfiguration(level: .info, format: .text))
        }
    }

    @Test func everyKeyIsRead() throws {
        let configuration = try self.configuration(
            """
            bus: { listen: ["ipc://sockets/a.sock"], heartbeat_ms: 250, body_bytes_max: 4096 }
            gateway:
              listen: "[::1]:9000"
              body_bytes_max: 1_000
              budget_ms: 1500
              reserved: [/private/]
              admin_token_file: /etc/token
            callbacks: { catalogue: ../own.yaml, budget_ms: 200 }
            databases: { main: { sqlite: data/main.db } }
            modules:
              - module: link-guard
                run: [link-guard-module, --fast]
                instances: 3
                allow: { routes: [/a/], callbacks: ["spam_checker/*"], databases: [main] }
                config: { blocklist: ["a.example"], limit: 0.5, on: yes, none: ~ }
              - module: far-away
            log: { level: debug, format: json }
            """
        )
        #expect(configuration.bus.listen == ["ipc:///srv/shop/sockets/a.sock"])
        #expect(configuration.bus.heartbeat == .milliseconds(250))
        #expect(configuration.bus.bodyBytesMax == 4096)
        #expect(configuration.gateway.listen == HostAndPort(host: "::1", port: 9000))
        #expect(configuration.gateway.bodyBytesMax == 1000)
        #expect(configuration.gateway.budget == .milliseconds(1500))
        #expect(configuration.gateway.reserved == ["/private", "/_ganglion"])
        #expect(configuration.gateway.adminTokenFile == "/etc/token")
        #expect(configuration.callbacks.catalogues == ["/srv/own.yaml"])
        #expect(configuration.callbacks.budget == .milliseconds(200))
        #expect(configuration.databases == ["main": .sqlite("/srv/shop/data/main.db")])
        #expect(configuration.log == LogConfiguration(level: .debug, format: .json))

        let guardModule = try #require(configuration.modules.first)
        #expect(guardModule.id == "link-guard")
        #expect(guardModule.position == 1)
        #expect(guardModule.run == ["link-guard-module", "--fast"])
        #expect(guardModule.instances == 3)
        #expect(guardModule.allow.routes == ["/a"])
        #expect(guardModule.allow.databases == ["main"])
        let json = String(decoding: guardModule.config, as: UTF8.self)
        #expect(json == #"{"blocklist":["a.example"],"limit":0.5,"on":true,"none":null}"#)

        let remote = try #require(configuration.modules.last)
        #expect(remote.position == 2)
        #expect(remote.run == nil)
        #expect(String(decoding: remote.config, as: UTF8.self) == "{}")
    }

    @Test func anAllowanceLeftOutPermitsEverythingButDatabases() throws {
        let allow = try #require(try self.configuration("modules: [{ module: a }]").modules.first?.allow)
        #expect(allow.permits(callback: "check_event_for_spam", of: "spam_checker"))
        #expect(allow.permits(path: "/anything"))
        #expect(allow.databases.isEmpty)
    }

    @Test func anAllowanceIsALimit() throws {
        let yaml = "modules: [{ module: a, allow: { routes: [/x], callbacks: [spam_checker/*, third/one] } }]"
        let allow = try #require(try self.configuration(yaml).modules.first?.allow)
        #expect(allow.permits(callback: "anything", of: "spam_checker"))
        #expect(allow.permits(callback: "one", of: "third"))
        #expect(!allow.permits(callback: "two", of: "third"))
        #expect(allow.permits(path: "/x"))
        #expect(allow.permits(path: "/x/y"))
        #expect(!allow.permits(path: "/xy"))
    }

    @Test func whatHoldsInPlaceOfTheCatalogueIsReadWithItsPlace() throws {
        let configuration = try self.configuration(
            """
            callbacks:
              settle_ms: 0
              overrides:
                spam_checker/*: { failure: { timeout: fail }, deadline_ms: 500, required: true }
                shop/may_buy: { required: [a] }
            modules:
              - module: a
                enabled: true
              - module: b
                enabled: false
                failure:
                  spam_checker/*:
                    error: { stop_with: [M_FORBIDDEN, { a: 1 }] }
                    lost: continue
            """
        )
        let overrides = configuration.callbacks.overrides
        #expect(configuration.callbacks.settle == .zero)
        #expect(overrides.map(\.callbacks) == ["spam_checker/*", "shop/may_buy"])
        #expect(overrides[0].deadline == .milliseconds(500))
        #expect(overrides.map(\.isRequired) == [true, true])
        #expect(overrides[1].requiredModules == ["a"])
        #expect(overrides[0].failures.map(\.action) == [.fail])
        #expect(overrides[0].failures.map(\.keyPath) == [#"callbacks.overrides["spam_checker/*"].failure.timeout"#])
        #expect(configuration.modules.map(\.isEnabled) == [true, false])
        let failures = try #require(configuration.modules[1].failures.first?.failures)
        #expect(failures.map(\.kind) == ["error", "lost"])
        #expect(failures[0].action == .stopWith(Array(#"["M_FORBIDDEN",{"a":1}]"#.utf8)))
        #expect(configuration.line(of: failures[1].keyPath) == 14)
    }

    @Test(arguments: ["stop", "{ stop_with: 1, fail: 2 }", "7", "[fail]"])
    func whatIsNoActionIsRefused(action: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            try self.configuration("modules: [{ module: a, failure: { '*': { timeout: \(action) } } }]")
        }
        #expect(error?.problems.map(\.keyPath) == [#"modules[0].failure["*"].timeout"#])
    }

    @Test func aWildcardListenerIsConnectedToOnThisMachine() throws {
        let configuration = try self.configuration("bus: { listen: ['tcp://*:5555'], insecure_tcp: true }")
        #expect(configuration.bus.listen == ["tcp://*:5555"])
        #expect(configuration.bus.connect == "tcp://127.0.0.1:5555")
    }

    @Test func theDispatcherMayBeElsewhere() throws {
        let configuration = try self.configuration(
            "bus: { connect: 'tcp://callback-dispatcher:5555', insecure_tcp: true }"
        )
        #expect(configuration.bus.connect == "tcp://callback-dispatcher:5555")
    }

    @Test func insecureTCPIsWarnedAbout() throws {
        let configuration = try self.configuration("bus:\n  insecure_tcp: true\n  listen: ['tcp://127.0.0.1:5555']\n")
        #expect(configuration.warnings.map(\.keyPath) == ["bus.insecure_tcp"])
        #expect(configuration.warnings.first?.location?.line == 1)
        #expect(try self.configuration("bus: { insecure_tcp: true }").warnings.isEmpty)
    }

    @Test func aModulesErrorIsFoundInTheFile() throws {
        let configuration = try self.configuration(
            """
            modules:
              - module: first
              - module: second
                config:
                  blocklist:
                    - one
                    - two
                    - three
                  "odd key": 1
            """
        )
        #expect(configuration.line(of: "modules[1].config.blocklist[2]") == 8)
        #expect(configuration.line(of: "modules[1].config.blocklist") == 5)
        #expect(configuration.line(of: "modules[1].config.missing.deep[3]") == 4)
        #expect(configuration.line(of: #"modules[1].config["odd key"]"#) == 9)
        #expect(configuration.line(of: #"modules[1].config["other key"].x"#) == 4)
        #expect(configuration.line(of: "nothing.of.this") == nil)
        let problem = configuration.problem(at: "modules[1].config.blocklist[2]", "is no host")
        #expect(problem.description == "/srv/shop/ganglion.yaml:8:11: modules[1].config.blocklist[2]: is no host")
    }

    @Test func mergeKeysAndAliasesAreFollowed() throws {
        let configuration = try self.configuration(
            """
            modules:
              - module: a
                config: &base { x: 1, y: 2 }
              - module: b
                config: { <<: *base, y: 3 }
              - module: c
                config: { copy: *base }
            """
        )
        let configs = configuration.modules.map { String(decoding: $0.config, as: UTF8.self) }
        #expect(configs == [#"{"x":1,"y":2}"#, #"{"y":3,"x":1}"#, #"{"copy":{"x":1,"y":2}}"#])
    }
}
