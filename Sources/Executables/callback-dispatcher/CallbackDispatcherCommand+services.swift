import CallbackConfiguration
import Callbacks
import Foundation
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime

extension CallbackDispatcherCommand {
    /// The services of the process.
    static func services(_ platform: PlatformConfiguration, logger: Logger) throws -> [any Service] {
        let incarnation = String(UInt64.random(in: .min ... .max), radix: 16)
        let configuration = try DispatcherConfiguration(platform, incarnation: incarnation)
        for file in platform.bus.socketFiles {
            try PrivateFolder.prepare(URL(filePath: file).deletingLastPathComponent().path)
        }
        let thread = try SocketThread(label: "dispatcher")
        return [
            thread,
            CallbackDispatcher(
                configuration,
                endpoints: platform.bus.listen,
                loop: thread.loop,
                context: thread.context,
                logger: logger
            ),
        ]
    }
}
