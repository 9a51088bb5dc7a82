import Caching
import Foundation
import Logging
import MessageBus
import ServiceLifecycle
import ServiceRuntime

extension CacheServiceCommand {
    /// The services of the process.
    static func services(_ platform: PlatformConfiguration, logger: Logger) throws -> [any Service] {
        try PrivateFolder.prepare(platform.cache.folder)
        for file in platform.cache.socketFiles {
            try PrivateFolder.prepare(URL(filePath: file).deletingLastPathComponent().path)
        }
        var limits = CacheServiceLimits()
        limits.bytesMax = platform.cache.bytesMax
        limits.valueBytesMax = platform.cache.valueBytesMax
        let thread = try SocketThread(label: "cache")
        return [
            thread,
            CacheService(
                folder: platform.cache.folder,
                endpoints: platform.cache.listen,
                limits: limits,
                loop: thread.loop,
                context: thread.context,
                logger: logger
            ),
        ]
    }
}
