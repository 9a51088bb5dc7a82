import Foundation

/// Cached functions: hits in the near cache, and values that another process has put into the shared one, beside redis.
struct CacheBenchmark: Measuring {
    private static let loads = [1, 64]

    private let options: Options
    private let platform: Platform
    private let programs: Programs
    private let bus: String
    private let cache: String
    private let redis: Redis?

    init(_ options: Options, _ programs: Programs, _ folder: BenchmarkFolder) throws {
        self.options = options
        self.programs = programs
        self.platform = Platform(options, programs)
        let configuration = try folder.platform("caching", modules: ["cache"], sections: "cache: {}")
        self.cache = try self.platform.startCacheService(configuration)
        self.bus = try self.platform.startDispatcher(configuration)
        try self.platform.startModule("cache-module", as: "cache", on: self.bus).waitUntilReady()
        self.redis = try Redis(options, programs, folder)
        // Until the module has proof that its near cache is fresh, nothing is kept.
        try Patience.retry { [self] in _ = try self.shared(load: 1) }
    }

    func measure(round: Int, into table: inout Measurements) throws {
        let isForth = round % 2 == 1
        let near: [Subject] = [.dictionary, .nearHit]
        for subject in isForth ? near : near.reversed() {
            table.add(try self.near(subject), of: subject, load: 1)
        }
        var shared: [Subject] = [.sharedWire, .sharedSDK]
        if self.redis != nil { shared = [.redis, .redisPipelined] + shared }
        for load in Self.loads {
            for subject in isForth ? shared : shared.reversed() {
                guard let sample = try self.sample(of: subject, load: load) else { continue }
                table.add(sample, of: subject, load: load)
            }
        }
    }

    private func sample(of subject: Subject, load: Int) throws -> Measurements.Sample? {
        switch subject {
        case .redis: try self.redis?.get(connections: load, inFlight: 1)
        // One call in flight is no pipeline.
        case .redisPipelined: load == 1 ? nil : try self.redis?.get(connections: 1, inFlight: load)
        case .sharedWire: try self.wire(load: load)
        default: try self.shared(load: load)
        }
    }

    private func near(_ subject: Subject) throws -> Measurements.Sample {
        let method = subject == .nearHit ? "cache/near" : "cache/dictionary"
        return try self.platform.measure(method, self.arguments(load: 1), over: self.bus).sample
    }

    /// By the cached function of a module that has not got the value.
    private func shared(load: Int) throws -> Measurements.Sample {
        try self.platform.measure("cache/shared", self.arguments(load: load), over: self.bus).sample
    }

    /// By calls of the cache service, without anything that a cached function adds.
    private func wire(load: Int) throws -> Measurements.Sample {
        let client = ["\(self.options.products)/bus-client", self.cache, String(load)]
        return try LoadSummary(self.programs.run(client + self.options.times + ["cache.shared@1/0"])).sample
    }

    private func arguments(load: Int) -> String {
        let times = self.options.times
        return #"{"in_flight":\#(load),"warm_up_ms":\#(times[0]),"measured_ms":\#(times[1])}"#
    }
}
