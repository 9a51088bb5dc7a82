import Foundation
import Testing

@testable import Supervision

struct PlatformStatusTests {
    static let json = """
        {"epoch":7,"modules":[
          {"id":"link-guard","position":1,"state":"ready","version":"1.0.0",
           "instances":[{"incarnation":"ab","state":"ready","since_ms":12,"in_flight":0,"calls":10,"errors":0,"timeouts":0}],
           "routes":[],"callbacks":["spam_checker/check_event_for_spam"],
           "warnings":[{"code":"taken","item":"/x","message":"belongs to directory"}],"reasons":[]},
          {"id":"directory","position":2,"state":"configured"}]}
        """

    private func status() throws -> PlatformStatus {
        try JSONDecoder().decode(PlatformStatus.self, from: Data(Self.json.utf8))
    }

    private func supervisor(_ processes: SupervisorState.Process...) -> SupervisorState {
        SupervisorState(supervisor: 1, processes: processes)
    }

    @Test func aModuleThatIsSetAsideSaysWhy() throws {
        let state = self.supervisor(
            .init(name: "directory", module: "directory", state: "quarantined", reason: "failed 5 times")
        )
        let merged = try self.status().merged(with: state)
        #expect(merged.modules[1].state == "quarantined")
        #expect(merged.modules[1].reasons.map(\.message) == ["failed 5 times"])
        #expect(merged.settled == ["link-guard", "directory"])
    }

    @Test func aModuleWithOtherInstancesKeepsServing() throws {
        let state = self.supervisor(
            .init(name: "link-guard.1", module: "link-guard", state: "running", pid: 5),
            .init(name: "link-guard.2", module: "link-guard", state: "quarantined", reason: "failed 5 times")
        )
        let merged = try self.status().merged(with: state)
        #expect(merged.modules[0].state == "ready")
        #expect(merged.modules[0].warnings.last?.text == "link-guard.2: failed 5 times")
    }

    @Test func aModuleBetweenTwoStartsIsNotSettled() throws {
        let state = self.supervisor(
            .init(
                name: "directory",
                module: "directory",
                state: "backing_off",
                restarts: 1,
                reason: "was ended by signal 9"
            )
        )
        let merged = try self.status().merged(with: state)
        #expect(merged.modules[1].state == "configured")
        #expect(merged.modules[1].reasons.map(\.message) == ["was ended by signal 9"])
        #expect(merged.settled == ["link-guard"])
    }

    @Test func aModuleThatTheGatewayDoesNotKnowIsShownAllTheSame() throws {
        let state = self.supervisor(
            .init(name: "late", module: "late", state: "configuration_error", reason: "config.url")
        )
        let merged = try self.status().merged(with: state)
        #expect(merged.modules.last?.id == "late")
        #expect(merged.modules.last?.state == "configuration_error")
    }

    @Test func withoutASupervisorTheGatewaysWordStands() throws {
        #expect(try self.status().merged(with: nil) == self.status())
    }

    @Test func peopleGetATable() throws {
        let text = try self.status().text
        #expect(
            text == """
                #  MODULE      VERSION  STATE       INSTANCES  CALLS  FAIL-OPEN  GRANTED
                1  link-guard  1.0.0    ready       1          10     0          spam_checker/check_event_for_spam
                2  directory   -        configured  0          0      0          -

                link-guard: warning: /x: belongs to directory
                """
        )
    }

    @Test func whoTookAModuleOutAndWhyIsShown() throws {
        let json = """
            {"modules":[{"id":"a","state":"ready","fail_opens":3,
            "disabled":{"by":"ada","reason":"vetoes everything","since_ms":185000,"bypassed":{}}}]}
            """
        let status = try JSONDecoder().decode(PlatformStatus.self, from: Data(json.utf8))
        #expect(status.text.contains("a       -        disabled  0          0      3          -"))
        #expect(status.text.hasSuffix("a: disabled by ada 3 min ago: vetoes everything"))
    }

    @Test func circuitsThatAreOpenAreShownAndThoseThatWereAreNot() throws {
        let json = """
            {"modules":[{"id":"a","state":"ready","circuits":{
            "shop/may_buy":{"open":true,"failure":"timeout","openings":2},
            "shop/price":{"open":false,"failure":"","openings":1}}}]}
            """
        let status = try JSONDecoder().decode(PlatformStatus.self, from: Data(json.utf8))
        #expect(
            status.text.hasSuffix("a: the circuit of shop/may_buy is open: timeout is repeated without asking it")
        )
        #expect(!status.text.contains("shop/price"))
    }

    @Test func peopleSeeTheServicesThatRunHere() throws {
        let state = self.supervisor(
            .init(name: "callback-dispatcher", module: nil, state: "running", pid: 12),
            .init(name: "cache-service", module: nil, state: "backing_off", restarts: 3, reason: "exited with status 1")
        )
        let text = try self.status().merged(with: state).text
        #expect(
            text.hasPrefix(
                """
                SERVICE              STATE        PID  RESTARTS
                callback-dispatcher  running      12   0
                cache-service        backing_off  -    3

                #  MODULE
                """
            )
        )
        #expect(text.hasSuffix("cache-service: backing_off: exited with status 1"))
    }

    @Test func nobodyWaitsForWhatWillNotCome() {
        let answer = PlatformReadiness(ready: false, epoch: 3, waitingFor: ["far", "broken"])
        #expect(!answer.isSettled(local: ["broken"], settled: []))
        #expect(answer.isSettled(local: ["broken"], settled: ["broken"]))
        #expect(PlatformReadiness(ready: true).isSettled(local: ["a"], settled: []))
        #expect(!PlatformReadiness(ready: false, epoch: 0).isSettled(local: [], settled: []))
    }
}
