import Caching
import MessageBus
import SeededRandom
import WireProtocol

/// What goes wrong.
extension CacheWorld {
    func cutOff(_ process: Int) {
        self.note("process \(process) is cut off")
        self.processes[process].isCutOff = true
        self.time.schedule(after: 200 + self.uniform(600), .reconnect(process: process))
        self.time.schedule(after: 1000 + self.random.exponential(mean: 3000), .cutOff(process: process))
    }

    func reconnect(_ process: Int) {
        self.note("process \(process) is connected again")
        self.processes[process].isCutOff = false
    }

    func pause(_ process: Int) {
        self.note("process \(process) is stopped")
        self.processes[process].isPaused = true
        self.time.schedule(after: 50 + self.uniform(400), .resume(process: process))
        self.time.schedule(after: 1000 + self.random.exponential(mean: 4000), .pause(process: process))
    }

    /// What came while the process was paused is read after the first reads: the worst order for it.
    func resume(_ process: Int) {
        self.note("process \(process) goes on, having missed \(self.processes[process].missed.count)")
        self.processes[process].isPaused = false
        for _ in 0..<self.settings.keys { self.readOnce(process) }
        let missed = self.processes[process].missed
        self.processes[process].missed = []
        for event in missed { self.time.schedule(after: self.uniform(2), event) }
    }

    func crash() {
        self.note("the service is killed")
        self.isUp = false
        self.time.schedule(after: 150, .restart)
        self.time.schedule(after: 500 + self.random.exponential(mean: 3000), .crash)
    }

    func restart() {
        guard !self.isUp else { return }
        self.report.restarts += 1
        if !self.settings.keepsEpoch { self.epoch += 1 }
        self.note("the service is there again, in epoch \(self.epoch)")
        self.service = Self.makeService(self.settings, epoch: self.epoch)
        self.isUp = true
        for process in self.processes.indices { self.connect(process) }
    }

    func connect(_ process: Int) {
        let hello = Hello(
            id: "process",
            role: .host,
            version: "",
            incarnation: "\(process)",
            heartbeatMilliseconds: 30_000
        )
        var ignored: [RouterAction] = []
        let peer = PeerID(rawValue: UInt32(process))
        self.service.receive(
            Envelope(Header(kind: .hello), body: hello.encoded()),
            from: peer,
            at: self.now,
            into: &ignored
        )
        self.service.receive(Envelope(Header(kind: .ready)), from: peer, at: self.now, into: &ignored)
    }
}
