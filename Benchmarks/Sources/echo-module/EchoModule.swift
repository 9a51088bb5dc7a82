import Foundation
import ModuleSDK
import WireProtocol

/// A module that answers each callback with 256 bytes, and each web request with a word.
@main
struct EchoModule: Module {
    /// 254 characters, and the quotes around them.
    private static let answer = CallbackAnswer.result(.string(String(repeating: "x", count: 254)))

    init(configuration: NoConfiguration, api: ModuleAPI) {
        let concurrencyMax = 65_535
        api.registerCallbacks("benchmark", ["echo": { _ in Self.answer }], concurrency: concurrencyMax)
        api.registerWebResource("/_modules/\(api.moduleID)/hello") { _ in .text("hello") }
    }

    func start() {
        print("ready")
        // The benchmark waits for the line, and a pipe would keep it.
        fflush(nil)
    }
}
