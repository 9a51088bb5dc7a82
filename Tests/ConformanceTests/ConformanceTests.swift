import Conformance
import MessageBus
import SeededRandom
import Supervision
import Testing
import WireProtocol

@Suite(.timeLimit(.minutes(1)))
struct ConformanceTests {
    @Test func aModuleThatKeepsTheProtocolPassesEveryCheck() throws {
        let (report, time) = try ConformanceRig.check([])
        #expect(report.results.filter { $0.word != "pass" }.map(\.text) == [])
        #expect(report.isConforming)
        #expect(report.results.count == 28)
        #expect(time < .seconds(20))
    }

    @Test(arguments: Flaw.allCases)
    func aFlawIsFoundByTheCheckOfItsRule(flaw: Flaw) throws {
        let (report, time) = try ConformanceRig.check([flaw])
        let first = try #require(report.results.first { $0.breach != nil }, "nobody found \(flaw)")
        #expect(first.name == flaw.finding.check, "\(first.text)")
        #expect(first.word == flaw.finding.verdict, "\(first.text)")
        let failed = report.results.filter { $0.word == "fail" }.map(\.text)
        #expect(failed.isEmpty == (flaw.finding.verdict == "warn"), "\(failed)")
        // However a module behaves, it is known in the end.
        #expect(time < .seconds(300))
    }

    @Test func everyCheckThatThereIsFindsSomething() throws {
        let found = Set(Flaw.allCases.map { String($0.finding.check.prefix { $0 != " " }) })
        let others: Set = ["recorded", "route", "method", "update"]
        #expect(found.union(others) == Set(ConformanceSession.checkNames))
    }

    @Test func aBreachTellsWhatWasExpectedAndWhatCame() throws {
        let (report, _) = try ConformanceRig.check([.repliesWrongResult])
        let breach = try #require(report.results.first { $0.name.hasPrefix("callback") }?.breach)
        #expect(breach.expected == "a REPLY to call 2, callback/spam_checker/check_event_for_spam")
        #expect(breach.came.hasPrefix(#"answer {"verdict":true}, and the catalogue declares"#))
    }

    @Test func withoutAModuleThatIsReadyNothingElseIsChecked() throws {
        let (report, time) = try ConformanceRig.check([.isNeverReady])
        #expect(report.count("fail") == 1)
        #expect(report.results.last?.verdict == .skipped("the module does not become ready: see `ready`"))
        #expect(time < .seconds(30))
    }

    @Test func anAuthorCanAskForSomeChecksOnly() throws {
        var settings = try ConformanceRig.settings()
        settings.only = ["drain", "callback"]
        let (report, _) = try ConformanceRig.check([], settings)
        let names = ["hello", "register", "ready", "callback spam_checker/check_event_for_spam", "drain"]
        #expect(report.results.map(\.name) == names)
    }

    @Test func withoutAWrongConfigurationThatCheckIsSkipped() throws {
        var settings = try ConformanceRig.settings()
        settings.wrongConfiguration = nil
        let (report, _) = try ConformanceRig.check([], settings)
        #expect(report.results.filter { $0.word == "skip" }.map(\.name) == ["wrong-configuration"])
    }

    @Test func aReportForProgramsSaysTheSame() throws {
        let (report, _) = try ConformanceRig.check([.ignoresLifeline])
        #expect(report.json["conforming"] == true)
        let lifeline = report.json["checks"]?.array?.first { $0["check"] == "lifeline" }
        #expect(lifeline?["verdict"] == "warn")
        #expect(lifeline?["section"] == "§1.1")
        #expect(lifeline?["expected"]?.string?.isEmpty == false)
    }

    /// Whatever a module sends and whenever it dies, the checks come to an end.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func bytesThatAreInventedNeverStopTheChecks(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var session = ConformanceSession(try ConformanceRig.settings())
        var now = MonotonicTime(nanoseconds: 1)
        _ = session.start(at: now)
        let connections = (0..<3).map { Connection(routingID: [0, 0, 0, 0, $0]) } + [Connection(routingID: [7])]
        for _ in 0..<20_000 where !session.isFinished {
            let connection = connections[Int.random(in: 0..<4, using: &random)]
            let event: ConformanceEvent? =
                switch Int.random(in: 0..<12, using: &random) {
                case 0: .ended(.signal(9))
                case 1: .wrote("x")
                case 2: nil
                default: .frames(Self.frames(&random), from: connection)
                }
            now = now + .milliseconds(Int64.random(in: 0..<500, using: &random))
            if let event { _ = session.receive(event, at: now) } else { _ = session.advance(to: now) }
        }
        while !session.isFinished, let deadline = session.deadline { _ = session.advance(to: deadline) }
        #expect(session.isFinished)
        #expect(!session.report.isConforming)
    }

    /// Frames that are nearly right: a header of some kind, and a body that some kind has.
    private static func frames(_ random: inout SplitMix64) -> [[UInt8]] {
        var header = Header(kind: MessageKind.allCases.randomElement(using: &random) ?? .ping).encoded()
        if Int.random(in: 0..<3, using: &random) == 0 {
            header[Int.random(in: 0..<24, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        let hello = Hello(id: ScriptedModule.id, role: .module, version: "1", incarnation: "x")
        let bodies = [[], hello.encoded().bytes, Manifest().encoded().bytes, Array("{}".utf8), [0xFF]]
        let body = bodies[Int.random(in: 0..<bodies.count, using: &random)]
        return [header] + [[UInt8]](repeating: body, count: Int.random(in: 0...3, using: &random))
    }
}
