import Foundation
import SeededRandom
import ServiceRuntime
import Testing

struct ConfigurationProblemTests {
    private func problems(_ yaml: String) -> [String] {
        do {
            _ = try PlatformConfiguration(yaml: yaml, file: "/srv/ganglion.yaml", shownAs: "ganglion.yaml")
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        let yaml: String
        let problem: String

        var testDescription: String { self.problem }
    }

    static let cases = [
        Case(
            yaml: "modules:\n  - module: a\n    run: 5\n",
            problem: "3:10: modules[0].run: expected a list of strings, found a number"
        ),
        Case(
            yaml: "modules:\n  - module: a\n    run: [x, [y]]\n",
            problem: "3:14: modules[0].run[1]: expected text, found a list"
        ),
        Case(yaml: "gatway: {}\n", problem: "1:1: gatway: unknown key: did you mean `gateway`?"),
        Case(yaml: "bus: { heartbeat: 1 }", problem: "bus.heartbeat: unknown key: did you mean `heartbeat_ms`?"),
        Case(yaml: "log: { colour: on }", problem: "1:16: log.colour: unknown key; known here: format, level"),
        Case(yaml: "modules: [{ run: [x] }]", problem: "1:11: modules[0]: `module` is missing: the module's name"),
        Case(
            yaml: "modules: [{ module: Link_Guard }]",
            problem: "1:21: modules[0].module: `Link_Guard` cannot name a module"
        ),
        Case(
            yaml: "modules:\n - module: a\n - module: a\n",
            problem: "3:4: modules[1]: `a` already stands in line 2: use `instances`"
        ),
        Case(
            yaml: "modules: [{ module: a, run: [x], instances: 65 }]",
            problem: "1:45: modules[0].instances: 65 is not within 1 to 64"
        ),
        Case(
            yaml: "modules: [{ module: a, instances: 2 }]",
            problem: "1:35: modules[0].instances: counts the processes that `run` starts"
        ),
        Case(
            yaml: "modules: [{ module: a, run: [] }]",
            problem: "1:24: modules[0].run: names no executable"
        ),
        Case(
            yaml: "modules: [{ module: a, public_key: abcde }]",
            problem: "1:36: modules[0].public_key: is not supported yet"
        ),
        Case(
            yaml: "databases: { main: { sqlite: a } }\nmodules: [{ module: a, allow: { databases: [mian] } }]",
            problem: "2:33: modules[0].allow.databases: `mian` is not under `databases`: did you mean `main`?"
        ),
        Case(
            yaml: "modules: [{ module: a, allow: { callbacks: [spam_checker] } }]",
            problem: "1:45: modules[0].allow.callbacks[0]: `spam_checker` names no callback"
        ),
        Case(
            yaml: "modules: [{ module: a, allow: { routes: [x] } }]",
            problem: "1:42: modules[0].allow.routes[0]: `x` is no path"
        ),
        Case(
            yaml: "modules: [{ module: a, config: { when: .inf } }]",
            problem: "1:40: modules[0].config.when: JSON has no `.inf`"
        ),
        Case(
            yaml: "modules: [{ module: a, config: { mode: 0644 } }]",
            problem: "1:40: modules[0].config.mode: `0644` is octal to some readers of YAML: quote it, or write 0o644"
        ),
        Case(
            yaml: "bus: { listen: ['tcp://127.0.0.1:1'] }",
            problem: "1:17: bus.listen[0]: tcp without keys is refused, and keys are not supported yet"
        ),
        Case(yaml: "bus: { listen: ['ipc://@a'] }", problem: "1:17: bus.listen[0]: an abstract socket can be entered"),
        Case(yaml: "bus: { listen: ['udp://a'] }", problem: "1:17: bus.listen[0]: `udp://a` is no endpoint"),
        Case(yaml: "bus: { listen: [] }", problem: "1:8: bus.listen: at least one endpoint is needed"),
        Case(
            yaml: "bus: { listen: ['ipc:///\(String(repeating: "d", count: 120))'] }",
            problem: "1:17: bus.listen[0]: the socket's path /"
        ),
        Case(
            yaml: "bus: { heartbeat_ms: soon }",
            problem: "1:22: bus.heartbeat_ms: expected a whole number from 10 to"
        ),
        Case(yaml: "gateway: { listen: 8008 }", problem: "1:20: gateway.listen: expected text, found a number"),
        Case(yaml: "gateway: { listen: localhost }", problem: "1:20: gateway.listen: `localhost` is no address"),
        Case(yaml: "gateway: { reserved: [x] }", problem: "1:23: gateway.reserved[0]: `x` is no path prefix"),
        Case(yaml: "databases: { main: {} }", problem: "1:14: databases.main: `sqlite` is missing"),
        Case(yaml: "log: { level: inof }", problem: "1:15: log.level: `inof` is none of trace, debug, info"),
        Case(yaml: "modules: { a: 1 }", problem: "1:1: modules: expected a list of modules, found a mapping"),
        Case(yaml: "- a\n", problem: "expected a mapping, found a list"),
        Case(yaml: "bus: {\n", problem: "2:1: is no YAML here"),
        Case(yaml: "bus: {}\nbus: {}\n", problem: "`bus` stands twice in one mapping"),
        Case(yaml: "bus: {}\n---\nbus: {}\n", problem: "2:1: is no YAML here: but found another document"),
    ]

    @Test(arguments: Self.cases)
    func aProblemNamesItsPlaceAndWhatWouldBeRight(_ example: Case) {
        let problems = self.problems(example.yaml)
        #expect(problems.count == 1)
        #expect(problems.first?.contains(example.problem) == true, "\(problems)")
    }

    @Test func everyProblemIsReportedInTheOrderOfTheFile() {
        let problems = self.problems(
            """
            gateway: { listen: nowhere, budget_ms: 0 }
            modules:
              - module: ok
                run: false
              - run: [x]
                config: { a: .nan, b: [0777] }
            bus: { listen: ["tcp://a:1"] }
            """
        )
        let lines = problems.map { $0.split(separator: ":")[1] }
        #expect(lines == ["1", "1", "4", "5", "6", "6", "7"])
    }

    @Test func aFileFullOfErrorsDoesNotFillTheScreen() {
        let yaml = (0..<1000).map { "wrong_\($0): 1" }.joined(separator: "\n")
        #expect(self.problems(yaml).count == 200)
    }

    @Test func aliasesCannotMakeAConfigurationExplode() {
        var yaml = "modules:\n - module: a\n   config:\n     a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
            yaml += "     a\(level): &a\(level) [\(aliases)]\n"
        }
        #expect(self.problems(yaml).first?.contains("is more than 1044480 bytes as JSON") == true)
    }

    @Test func anyTextIsAnErrorOrAConfigurationAndNeverATrap() {
        var generator = SplitMix64(seed: 7)
        let base = Array(
            "bus: { listen: [\"ipc://run/b\"] }\nmodules:\n  - module: a\n    run: [x]\n    config: &c { a: [1, 2.5, ~] }\n"
                .utf8
        )
        for _ in 0..<2000 {
            var bytes = base
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                bytes[index] = UInt8.random(in: 0x09...0x7E, using: &generator)
            }
            _ = self.problems(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test func aMissingFileTellsHowToWriteOne() {
        let error = #expect(throws: ConfigurationError.self) {
            try PlatformConfiguration(contentsOf: "/nonexistent/ganglion.yaml")
        }
        #expect(error?.code == .missing)
        #expect(error?.description.contains("modules:\n    - module: directory") == true)
    }

    @Test func aFolderIsNoConfiguration() {
        let error = #expect(throws: ConfigurationError.self) { try PlatformConfiguration(contentsOf: "/tmp") }
        #expect(error?.code == .unreadable)
    }

    @Test func aFileOnDiskIsReadFromItsOwnFolder() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.path)/ganglion.yaml"
        try Data("databases: { main: { sqlite: a.db } }".utf8).write(to: URL(filePath: file))
        let configuration = try PlatformConfiguration(contentsOf: file)
        #expect(configuration.databases == ["main": .sqlite("\(folder.path)/a.db")])
    }
}
