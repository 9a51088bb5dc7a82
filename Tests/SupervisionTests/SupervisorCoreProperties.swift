import SeededRandom
import Testing

@testable import Supervision

/// Random schedules against a model of the system: what must hold whatever happens in whichever order.
struct SupervisorCoreProperties {
    /// The processes that a real system would have, kept by carrying out the core's actions.
    private struct World {
        var core: SupervisorCore
        var generator: SplitMix64
        var now = Duration.zero
        var alive: [String: Int32] = [:]
        var asked: Set<String> = []
        var killed: Set<String> = []
        var nextPID: Int32 = 1

        init(seed: UInt64) {
            var plans = SupervisorCoreTests.plans
            for index in 0..<Int(seed % 5) { plans.append(ProcessPlan(name: "m\(index)", role: .module)) }
            self.core = SupervisorCore(plans: plans, seed: seed)
            self.generator = SplitMix64(seed: seed ^ 0xABCD)
        }

        mutating func send(_ event: SupervisorCore.Event) {
            for action in self.core.handle(event, at: self.now) { self.perform(action) }
        }

        private mutating func perform(_ action: SupervisorCore.Action) {
            switch action {
            case .spawn(let name):
                #expect(self.alive[name] == nil, "\(name) was started twice")
                guard Int.random(in: 0..<10, using: &self.generator) > 0 else {
                    self.send(.spawnFailed(name, reason: "fork failed"))
                    return
                }
                self.alive[name] = self.nextPID
                self.nextPID += 1
                self.send(.started(name, pid: self.nextPID - 1))
            case .terminate(let name):
                #expect(self.alive[name] != nil, "\(name) was asked to end and does not run")
                self.asked.insert(name)
            case .kill(let name):
                #expect(self.alive[name] != nil, "\(name) was killed and does not run")
                self.killed.insert(name)
            case .report(let process):
                #expect(process.state.pid == nil || self.alive[process.plan.name] == process.state.pid)
            }
        }

        mutating func crashSomebody() {
            let names = self.alive.keys.sorted()
            guard let name = names.randomElement(using: &self.generator) else { return }
            self.alive[name] = nil
            let status = [0, 1, 78, 139].randomElement(using: &self.generator) ?? 1
            self.send(.exited(name, .status(Int32(status)), lastWords: ""))
        }

        mutating func step() {
            switch Int.random(in: 0..<20, using: &self.generator) {
            case 0..<8: self.crashSomebody()
            case 8..<9: self.send(.retrySetAside)
            case 9..<10: self.send(.platformReady)
            default:
                self.now += .milliseconds(Int.random(in: 0...3000, using: &self.generator))
                self.send(.tick)
            }
        }

        /// Some end when asked, some only when killed.
        mutating func stop() {
            self.send(.stop)
            for _ in 0..<1000 where !self.core.isFinished {
                for name in self.alive.keys.sorted() {
                    let obeys = self.asked.contains(name) && Int.random(in: 0..<3, using: &self.generator) == 0
                    guard obeys || self.killed.contains(name) else { continue }
                    self.alive[name] = nil
                    self.send(.exited(name, .signal(15), lastWords: ""))
                }
                self.now = max(self.now, self.core.deadline ?? self.now)
                self.send(.tick)
            }
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func whateverHappensNothingIsStartedTwiceAndEverythingStops(seed: UInt64) {
        var world = World(seed: seed)
        world.send(.start)
        for _ in 0..<100 {
            world.step()
            for process in world.core.processes {
                #expect(process.failures.count <= world.core.limits.failuresMax)
                #expect((world.alive[process.plan.name] != nil) == (process.state.pid != nil))
            }
        }
        let stopped = world.now
        world.stop()
        #expect(world.core.isFinished)
        #expect(world.alive.isEmpty)
        #expect(world.now - stopped <= world.core.limits.grace)
    }
}
