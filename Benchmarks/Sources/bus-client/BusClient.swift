import BusHost
import CallLoad
import MessageBus
import WireProtocol

/// A host that keeps a number of calls in flight and says how many were answered, and how fast: `libzmq/client.c` in Swift.
///
/// It calls a module through a dispatcher; or, where a key is named, it asks a cache service for that key's value.
@main
struct BusClient {
    private static let bodySize = 256

    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.dropFirst().prefix(3).compactMap { Int($0) }
        guard (4...5).contains(arguments.count), numbers.count == 3 else {
            print("usage: bus-client ENDPOINT IN_FLIGHT WARM_UP_MS MEASURED_MS [KEY]")
            return
        }
        let request = arguments.count == 5 ? Self.get(arguments[4]) : Self.echo
        let load = CallLoad(
            inFlight: numbers[0],
            warmUp: .milliseconds(numbers[1]),
            measured: .milliseconds(numbers[2])
        )
        await BusHost.run(arguments[0]) { connection in
            _ = try await connection.answer(to: request)
            let summary = try await load.run { _, _ in
                let reply = try await connection.call(request)
                guard reply.status == .answer, reply.body.count == Self.bodySize else {
                    throw CallFailure(request, reply)
                }
            }
            print(summary.line)
        }
    }

    private static var echo: BusRequest {
        let text = #"{"payload":""#
        let body = text + String(repeating: "x", count: Self.bodySize - text.utf8.count - 2) + #""}"#
        return BusRequest(target: "callback/benchmark/echo", body: Payload(body), budget: .seconds(10))
    }

    private static func get(_ key: String) -> BusRequest {
        BusRequest(target: CacheTarget.get, body: CacheGet(key: key, tags: []).encoded(), budget: .seconds(10))
    }
}
