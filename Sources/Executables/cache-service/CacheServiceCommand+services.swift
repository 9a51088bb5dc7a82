import Caching
import Foundation
import Logging
import ServiceLifecycle
import ServiceRuntime
import ZeroMQ

extension CacheServiceCommand {
    /// The services of the process.
    static func services(_ platform: PlatformConfiguration, loop: PollLoop, logger: Logger) throws -> [any Service] {
        try PrivateFolder.prepare(platform.cache.folder)
        for file in platform.cache.socketFiles {
            try PrivateFolder.prepare(URL(filePath: file).deletingLastPathComponent().path)
        }
        var limits = CacheServiceLimits()
        limits.bytesMax = platform.cache.bytesMax
        limits.valueBytesMax = platform.cache.valueBytesMax
        return [
            CacheService(
                folder: platform.cache.folder,
                endpoints: platform.cache.listen,
                limits: limits,
                loop: loop,
                context: try Context(),
                logger: logger
            )
        ]
    }
}
