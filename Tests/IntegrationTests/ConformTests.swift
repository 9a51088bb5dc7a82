import Foundation
import Testing
import WireProtocol

extension IntegrationTests {
    /// `ganglion conform` and the modules of this repository, in Swift and in Python.
    @Suite(.timeLimit(.minutes(3)))
    struct ConformTests {
        private static let examples = [
            "directory": #"{"users":{"ada":"engines"}}"#, "hello": "null",
            "link-guard": #"{"blocked_words":["casino"]}"#, "pacer": #"{"duration_ms":100,"sleep_ms":100}"#,
            "search-index": "null",
        ]

        @Test func theExamplesKeepTheProtocol() async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (name, configuration) in Self.examples {
                    group.addTask {
                        let report = try await ConformReport(
                            of: [Executables.path(of: "\(name)-module")],
                            ["--module", name, "--module-config", configuration]
                        )
                        #expect(report.status == 0, "\(report.output)")
                        #expect(report.checks(with: "pass").count >= 22, "\(report.output)")
                        #expect(report.checks(with: "warn") == [], "\(report.output)")
                        #expect(report.checks(with: "pass").contains("packs"), "\(report.output)")
                    }
                }
                try await group.waitForAll()
            }
        }

        @Test(.enabled(if: PythonModules.interpreter != nil, "needs a Python with pyzmq"))
        func theModuleInPythonKeepsTheProtocolAndAnswersRecordedCalls() async throws {
            let report = try await ConformReport(
                of: [try #require(PythonModules.interpreter), PythonModules.file("module.py")],
                [
                    "--module", "python", "--wrong-config", #"{"blocked_words":[3]}"#, "--calls",
                    Checkout.root.appending(path: "data/matrix/sample-calls.jsonl").path,
                ]
            )
            #expect(report.status == 0, "\(report.output)")
            #expect(report.checks(with: "pass").contains("recorded spam_checker/check_event_for_spam"))
            #expect(report.checks(with: "pass").contains("wrong-configuration"))
            // It keeps to what every module has to know.
            #expect(report.checks(with: "skip") == ["packs"], "\(report.output)")
        }

        @Test func theBusMayBeATCPPort() async throws {
            let report = try await ConformReport(
                of: [Executables.path(of: "hello-module")],
                ["--tcp", "--module", "hello", "--only", "restarted-dispatcher", "--only", "long-bodies"]
            )
            #expect(report.status == 0, "\(report.output)")
            #expect(report.checks(with: "pass").contains("restarted-dispatcher"), "\(report.output)")
        }

        @Test func whatIsNoModuleFailsTheFirstCheckWithWhatItWrote() async throws {
            let report = try await ConformReport(of: ["sh", "-c", "echo no module here; exit 3"])
            #expect(report.status == 1)
            #expect(report.checks(with: "fail") == ["hello"])
            #expect(report.output.contains("exited with status 3"))
            #expect(report.output.contains("no module here"))
        }

        @Test func aWrongCommandLineIsToldApartFromAWrongModule() async throws {
            #expect(try await ConformReport(of: []).status == 2)
            #expect(try await ConformReport(of: ["sh"], ["--only", "no-such-check"]).status == 2)
            #expect(try await ConformReport(of: ["sh"], ["--module-config", "{"]).status == 2)
            #expect(try await ConformReport(of: ["no-such-executable"]).status == 1)
        }
    }
}

/// What `ganglion conform --json` said.
struct ConformReport {
    let status: Int32
    let output: String
    private let json: JSONValue

    init(of command: [String], _ options: [String] = []) async throws {
        let process = try CommandLineProcess(
            Executables.path(of: "ganglion"),
            ["conform", "--json"] + options + ["--"] + command,
            in: FileManager.default.temporaryDirectory
        )
        self.status = try await process.waitForEnd(within: .seconds(120))
        self.output = process.output
        self.json = (try? JSONValue(parsing: process.output)) ?? .null
    }

    /// The names of the checks with a verdict.
    func checks(with verdict: String) -> [String] {
        (self.json["checks"]?.array ?? []).filter { $0["verdict"]?.string == verdict }.compactMap {
            $0["check"]?.string
        }
    }
}
