// swift-tools-version: 6.3

import PackageDescription

// A package of its own, so that nobody who uses Ganglion builds its benchmarks.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "ganglion", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "benchmark",
            dependencies: [
                // Started, not linked: named here so that one build makes everything that is measured.
                .product(name: "gateway", package: "ganglion"),
                .product(name: "callback-dispatcher", package: "ganglion"),
                .product(name: "background-update-worker", package: "ganglion"),
                .product(name: "cache-service", package: "ganglion"),
            ]
        ),
        .executableTarget(
            name: "hummingbird-alone",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]
        ),
        // What several of the programs are made of.
        .target(name: "CallLoad", dependencies: [.bus]),
        .target(name: "BusHost", dependencies: [.bus, .logging]),
        .executableTarget(name: "bus-client", dependencies: ["BusHost", "CallLoad", .bus]),
        .executableTarget(name: "bus-call", dependencies: ["BusHost", .bus]),
        .executableTarget(name: "echo-module", dependencies: [.modules, .bus]),
        .executableTarget(name: "pacing-module", dependencies: ["CallLoad", .modules, .bus]),
        .executableTarget(name: "cache-module", dependencies: ["CallLoad", .modules, .bus]),
        .executableTarget(name: "updates-alone", dependencies: ["CallLoad", .modules, .bus, .grdb]),
        // The examples themselves, by symbolic links.
        .executableTarget(name: "search-index-module", dependencies: [.modules, .bus]),
        .executableTarget(
            name: "sample-events",
            dependencies: [
                .bus, .grdb, .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
    ]
)

extension Target.Dependency {
    static let bus = product(name: "MessageBus", package: "ganglion")
    static let modules = product(name: "ModuleSDK", package: "ganglion")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let logging = product(name: "Logging", package: "swift-log")
}

for target in package.targets {
    target.swiftSettings = [
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
        .enableUpcomingFeature("ExistentialAny"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0409-access-level-on-imports.md
        .enableUpcomingFeature("InternalImportsByDefault"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
        .enableUpcomingFeature("MemberImportVisibility"),
        // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0461-async-function-isolation.md
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
