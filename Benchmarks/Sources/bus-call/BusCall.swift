import BusHost
import MessageBus
import WireProtocol

/// Makes one call and prints the answer.
@main
struct BusCall {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 4, let seconds = Int64(arguments[1]) else {
            print("usage: bus-call ENDPOINT SECONDS TARGET JSON")
            return
        }
        let request = BusRequest(target: arguments[2], body: Payload(arguments[3]), budget: .seconds(seconds))
        await BusHost.run(arguments[0]) { connection in
            print(try await connection.answer(to: request).body.text)
        }
    }
}
