import Foundation

/// What the figures were taken on.
enum Machine {
    static func describe() -> String {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let system = ProcessInfo.processInfo.operatingSystemVersionString
        let libzmq = ProcessInfo.processInfo.environment["BENCHMARK_LIBZMQ"] ?? "of unknown version"
        let kernel = ProcessInfo.processInfo.environment["BENCHMARK_KERNEL"] ?? "of unknown version"
        return "\(cores) cores\(self.processor), kernel \(kernel), \(system), libzmq \(libzmq)"
    }

    private static var processor: String {
        guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("model name") }),
            let name = line.split(separator: ":").last
        else { return "" }
        return " of \(name.trimmingCharacters(in: .whitespaces))"
    }
}
