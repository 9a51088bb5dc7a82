import Callbacks
import Conformance
import MessageBus
import WireProtocol

/// A session and a scripted module in virtual time.
struct ConformanceRig {
    private var session: ConformanceSession
    private var module: ScriptedModule
    private var isRunning = false
    private var now = MonotonicTime(nanoseconds: 1)
    private var events: [ConformanceEvent] = []

    static func settings() throws -> ConformanceSettings {
        var settings = ConformanceSettings(
            moduleID: ScriptedModule.id,
            catalogue: try Catalogue.synapse(),
            reservedPrefixes: ["/_matrix/client"]
        )
        settings.wrongConfiguration = "wrong"
        settings.heartbeatMilliseconds = ScriptedModule.heartbeat
        settings.calls = [
            .init(callback: "spam_checker/check_event_for_spam", arguments: #"{"event":{"type":"m.room.message"}}"#),
            .init(callback: "spam_checker/user_may_invite", arguments: "{}"),
        ]
        return settings
    }

    /// Makes every check, and tells how long it took.
    static func check(
        _ flaws: Set<Flaw>,
        _ settings: ConformanceSettings? = nil
    ) throws -> (report: ConformanceReport, time: Duration) {
        var rig = Self(try settings ?? Self.settings(), flaws)
        return rig.run()
    }

    private init(_ settings: ConformanceSettings, _ flaws: Set<Flaw>) {
        self.session = ConformanceSession(settings)
        self.module = ScriptedModule(flaws)
    }

    private mutating func run() -> (ConformanceReport, Duration) {
        let begin = self.now
        self.perform(self.session.start(at: self.now))
        while !self.session.isFinished {
            while !self.events.isEmpty { self.perform(self.session.receive(self.events.removeFirst(), at: self.now)) }
            guard !self.session.isFinished else { break }
            let deadlines = [self.session.deadline, self.isRunning ? self.module.deadline : nil].compactMap(\.self)
            // A session that waits for nothing would wait forever.
            guard let next = deadlines.min() else { break }
            self.now = max(next, self.now + .milliseconds(1))
            if self.isRunning {
                self.module.advance(to: self.now)
                self.collect()
            }
            self.perform(self.session.advance(to: self.now))
        }
        return (self.session.report, self.now.since(begin))
    }

    private mutating func perform(_ actions: [ConformanceAction]) {
        for action in actions {
            switch action {
            case .start:
                self.isRunning = true
                self.module.start(at: self.now)
            case .kill:
                self.isRunning = false
                self.events.removeAll()
                self.module.disconnect()
            case .bind where self.isRunning: self.module.reconnect(at: self.now)
            case .unbind: self.module.disconnect()
            case .send(let frames, let connection) where connection == self.module.connection:
                self.module.receive(frames, at: self.now)
            case .signal: self.module.signal()
            case .closeInput: self.module.closeInput()
            case .bind, .send: break
            }
            self.collect()
        }
    }

    private mutating func collect() {
        for output in self.module.takeOutputs() where self.isRunning {
            switch output {
            case .frames(let frames): self.events.append(.frames(frames, from: self.module.connection))
            case .ends(let exit):
                self.isRunning = false
                self.events.append(.ended(exit))
            }
        }
    }
}
