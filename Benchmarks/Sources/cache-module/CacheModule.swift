import CallLoad
import Foundation
import ModuleSDK
import WireProtocol

/// A module that measures its own cached functions when it is told to, on the thread on which its handlers run.
@main
struct CacheModule: Module {
    init(configuration: NoConfiguration, api: ModuleAPI) {
        let near = NearValues(api)
        let shared = SharedValues(api)
        api.registerMethod("near") { try await near.measure(HitLoop($0)) }
        api.registerMethod("dictionary") { try await near.measureDictionary(HitLoop($0)) }
        api.registerMethod("shared") { arguments in
            let inFlight = Int(arguments["in_flight"]?.integer ?? 1)
            return try await shared.measure(inFlight: inFlight, Times(arguments))
        }
    }

    func start() {
        print("ready")
        // The benchmark waits for the line, and a pipe would keep it.
        fflush(nil)
    }

    /// 256 bytes as JSON, with the quotes around them.
    static let value = String(repeating: "x", count: 254)
}

/// How long something is done.
struct Times {
    let warmUp: Duration
    let measured: Duration

    init(_ arguments: JSONValue) {
        self.warmUp = .milliseconds(arguments["warm_up_ms"]?.integer ?? 300)
        self.measured = .milliseconds(arguments["measured_ms"]?.integer ?? 1000)
    }
}
