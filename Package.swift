// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "ganglion",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "MessageBus", targets: ["MessageBus", "WireProtocol", "ZeroMQ"]),
        .library(name: "ModuleSDK", targets: ["ModuleSDK"]),
        .library(name: "ModuleTestKit", targets: ["ModuleTestKit", "Recordings"]),
        .executable(name: "gateway", targets: ["gateway"]),
        .executable(name: "callback-dispatcher", targets: ["callback-dispatcher"]),
        .executable(name: "cache-service", targets: ["cache-service"]),
        .executable(name: "background-update-worker", targets: ["background-update-worker"]),
        .executable(name: "ganglion", targets: ["ganglion"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // MARK: ZeroMQ

        .systemLibrary(name: "CZeroMQ", providers: [.apt(["libzmq3-dev"]), .brew(["zeromq"])]),
        .target(name: "ZeroMQ", dependencies: ["CZeroMQ"]),

        // MARK: Bus

        .target(name: "SeededRandom"),
        .target(name: "WireProtocol"),
        .target(name: "Recordings", dependencies: ["WireProtocol"]),
        .target(name: "MessageBus", dependencies: ["WireProtocol", "ZeroMQ", .logging, .serviceLifecycle]),

        // MARK: Modules

        .target(
            name: "ModuleSDK",
            dependencies: [
                "Caching", "MessageBus", "ServiceRuntime", "WireProtocol", "ZeroMQ",
                .logging, .serviceLifecycle, .unixSignals,
            ]
        ),
        .target(
            name: "ModuleTestKit",
            dependencies: ["Caching", "ModuleSDK", "MessageBus", "Recordings", "WireProtocol", .logging]
        ),

        // MARK: Services

        .service("Caching", dependencies: ["ZeroMQ"]),
        .service("BackgroundUpdates", dependencies: ["SeededRandom", .grdb]),
        .service(
            "Callbacks",
            dependencies: ["ZeroMQ", .yams],
            // In the code rather than beside it: the dispatcher must work wherever its executable is copied to.
            resources: [.embedInCode("Catalogue/synapse.yaml")]
        ),
        .service(
            "Gateway",
            dependencies: [
                "ZeroMQ", .hummingbird, .hummingbirdCore, .httpTypes, .nioCore, .nioHTTPTypes, .nioPosix,
            ]
        ),
        // What an operator says about callbacks: the dispatcher runs by it, and `ganglion check` reads it as the dispatcher does.
        .target(name: "CallbackConfiguration", dependencies: ["Callbacks", "ServiceRuntime", "WireProtocol"]),
        .target(
            name: "Simulation",
            dependencies: ["Callbacks", "MessageBus", "SeededRandom", "WireProtocol"]
        ),
        .target(
            name: "UpdateSimulation",
            dependencies: ["BackgroundUpdates", "MessageBus", "SeededRandom", "Simulation", "WireProtocol", .grdb]
        ),
        .target(
            name: "CacheSimulation",
            dependencies: ["Caching", "MessageBus", "SeededRandom", "Simulation", "WireProtocol"]
        ),
        .target(name: "ServiceRuntime", dependencies: [.logging, .serviceLifecycle, .unixSignals, .yams]),
        .target(
            name: "Supervision",
            dependencies: [
                "Recordings", "SeededRandom", "ServiceRuntime", "WireProtocol", .logging, .serviceLifecycle,
            ]
        ),

        // What `ganglion conform` finds out: whether a module, in whatever language, keeps to the wire protocol.
        .target(
            name: "Conformance",
            dependencies: [
                "Callbacks", "MessageBus", "Recordings", "Supervision", "WireProtocol", "ZeroMQ",
            ]
        ),

        // MARK: Executables

        .process("gateway", running: "Gateway"),
        .process("callback-dispatcher", running: "Callbacks", dependencies: ["CallbackConfiguration"]),
        .process("cache-service", running: "Caching"),
        .process("background-update-worker", running: "BackgroundUpdates"),
        .executableTarget(
            name: "ganglion",
            dependencies: [
                // Of the updates and callbacks it takes the declarations only, which `check` reads as the services do.
                "BackgroundUpdates", "CallbackConfiguration", "Callbacks", "Conformance", "Recordings",
                "Supervision", "ServiceRuntime", "WireProtocol",
                .argumentParser, .asyncHTTPClient, .logging, .nioCore, .nioFoundationCompat, .nioHTTP1,
                .serviceLifecycle, .unixSignals,
            ],
            path: "Sources/Executables/ganglion"
        ),

        .executableTarget(
            name: "simulate",
            dependencies: ["CacheSimulation", "Simulation", "UpdateSimulation"],
            path: "Sources/Executables/simulate"
        ),

        // MARK: Examples

        .example("directory-module", folder: "DirectoryModule"),
        .example("hello-module", folder: "HelloModule"),
        .executableTarget(
            name: "sample-events",
            dependencies: ["WireProtocol", .argumentParser, .grdb],
            path: "Examples/SampleEvents"
        ),
        .example("link-guard-module", folder: "LinkGuardModule"),
        .example("pacer-module", folder: "PacerModule"),
        .example("search-index-module", folder: "SearchIndexModule"),

        // MARK: Tests

        .testTarget(name: "ZeroMQTests", dependencies: ["SeededRandom", "ZeroMQ"]),
        .testTarget(name: "WireProtocolTests", dependencies: ["SeededRandom", "WireProtocol"], exclude: ["Samples"]),
        .testTarget(
            name: "MessageBusTests",
            dependencies: ["MessageBus", "SeededRandom", "WireProtocol", "ZeroMQ", .logging, .serviceLifecycle]
        ),
        .testTarget(
            name: "ModuleSDKTests",
            dependencies: [
                "ModuleSDK", "ModuleTestKit", "MessageBus", "Recordings", "WireProtocol", "directory-module",
                "link-guard-module", "pacer-module", "search-index-module", .logging,
            ]
        ),
        .target(name: "CacheHistory", path: "Tests/CacheHistory"),
        .testTarget(
            name: "CachingTests",
            dependencies: [
                "CacheHistory", "CacheSimulation", "Caching", "ModuleSDK", "ModuleTestKit", "MessageBus",
                "SeededRandom",
                "WireProtocol", "ZeroMQ", .logging,
            ]
        ),
        .testTarget(
            name: "BackgroundUpdatesTests",
            dependencies: ["BackgroundUpdates", "MessageBus", "SeededRandom", "WireProtocol", .grdb, .logging]
        ),
        .testTarget(name: "CallbacksTests", dependencies: ["Callbacks", "MessageBus", "SeededRandom", "WireProtocol"]),
        .testTarget(
            name: "ConformanceTests",
            dependencies: ["Callbacks", "Conformance", "MessageBus", "SeededRandom", "Supervision", "WireProtocol"]
        ),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation"]),
        .testTarget(name: "UpdateSimulationTests", dependencies: ["UpdateSimulation"]),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "Gateway", "MessageBus", "SeededRandom", "WireProtocol",
                .hummingbird, .hummingbirdCore, .hummingbirdTesting, .httpTypes, .logging, .nioCore, .nioPosix,
                .serviceLifecycle,
            ]
        ),
        .testTarget(
            name: "ServiceRuntimeTests",
            dependencies: ["SeededRandom", "ServiceRuntime", .logging, .serviceLifecycle]
        ),
        .testTarget(
            name: "SupervisionTests",
            dependencies: ["Recordings", "SeededRandom", "Supervision", "ServiceRuntime", "WireProtocol", "ganglion"]
        ),
        // A module that the integration tests start to see what it costs others.
        .executableTarget(
            name: "bad-module",
            dependencies: [
                "MessageBus", "ServiceRuntime", "WireProtocol", "ZeroMQ", .logging, .serviceLifecycle, .unixSignals,
            ],
            path: "Tests/BadModule"
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "CacheHistory", "MessageBus", "SeededRandom", "WireProtocol", "ZeroMQ",
                .asyncHTTPClient, .grdb, .logging, .nioCore, .nioHTTP1,
                // The processes that the tests start.
                "callback-dispatcher", "gateway", "cache-service", "background-update-worker", "ganglion",
                "bad-module", "directory-module", "hello-module", "link-guard-module", "pacer-module", "sample-events",
                "search-index-module",
            ],
            exclude: ["Python"]
        ),
    ]
)

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioFoundationCompat = product(name: "NIOFoundationCompat", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}

extension Target {
    /// A library that holds all of one service's logic and reaches the others over the bus only.
    static func service(_ name: String, dependencies: [Dependency] = [], resources: [Resource] = []) -> Target {
        .target(
            name: name,
            dependencies: ["MessageBus", "WireProtocol", .logging, .serviceLifecycle] + dependencies,
            resources: resources
        )
    }

    /// A thin executable: it reads the configuration, builds one service and runs it.
    static func process(_ name: String, running service: String, dependencies: [Dependency] = []) -> Target {
        .executableTarget(
            name: name,
            dependencies: [
                .byName(name: service), "MessageBus", "ServiceRuntime", "WireProtocol",
                .argumentParser, .logging, .serviceLifecycle,
            ] + dependencies,
            path: "Sources/Executables/\(name)"
        )
    }

    /// A module that a reader can copy: a process that needs the SDK and nothing else.
    static func example(_ name: String, folder: String) -> Target {
        .executableTarget(name: name, dependencies: ["ModuleSDK", "WireProtocol"], path: "Examples/\(folder)")
    }

    /// A program of libFuzzer's, which feeds one function with bytes that it invents.
    static func fuzzing(_ name: String, of dependencies: [Dependency]) -> Target {
        .executableTarget(name: name, dependencies: dependencies, path: "Fuzzing/Sources/\(name)")
    }
}

// Built by scripts/fuzz alone, with the sanitizers that bring their entry point.
if Context.environment["GANGLION_FUZZING"] != nil {
    package.targets += [
        .fuzzing("fuzz-frames", of: ["WireProtocol"]),
        .fuzzing("fuzz-manifest", of: ["Callbacks", "MessageBus", "WireProtocol"]),
        .fuzzing("fuzz-configuration", of: ["ServiceRuntime"]),
        .fuzzing("fuzz-catalogue", of: ["Callbacks"]),
    ]
}

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
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
