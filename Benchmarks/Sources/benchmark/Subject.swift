/// What is measured.
enum Subject: String, CaseIterable {
    case bareLibzmq = "bare libzmq"
    case bareBrokerSDK = "bare broker, SDK to SDK"
    case dispatcherBarePeers = "dispatcher, bare peers"
    case dispatcherPacks = "dispatcher, bare packs"
    case dispatcherSDK = "dispatcher, SDK to SDK"
    case nats = "NATS request and reply"

    case hummingbird = "Hummingbird alone"
    case gateway = "gateway to module"

    case plainStatement = "one plain statement"
    case sqlUpdate = "sql update"
    case rowsAlone = "rows in one process"
    case rowsUpdate = "rows through a module"

    case dictionary = "dictionary and lock"
    case nearHit = "near-cache hit"
    case redis = "redis GET"
    case redisPipelined = "redis GET, pipelined"
    case sharedWire = "shared GET, wire"
    case sharedSDK = "shared GET, SDK"

    /// Its place among the others, in the order in which they stand here.
    var place: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    var part: Part {
        switch self {
        case .bareLibzmq, .bareBrokerSDK, .dispatcherBarePeers, .dispatcherPacks, .dispatcherSDK, .nats: .bus
        case .hummingbird, .gateway: .http
        case .plainStatement, .sqlUpdate, .rowsAlone, .rowsUpdate: .updates
        case .dictionary, .nearHit, .redis, .redisPipelined, .sharedWire, .sharedSDK: .caching
        }
    }

    /// What it is compared with.
    var base: Subject {
        switch self {
        case .bareLibzmq, .bareBrokerSDK, .dispatcherBarePeers, .dispatcherPacks, .dispatcherSDK, .nats: .bareLibzmq
        case .hummingbird, .gateway: .hummingbird
        case .plainStatement, .sqlUpdate: .plainStatement
        case .rowsAlone, .rowsUpdate: .rowsAlone
        case .dictionary, .nearHit: .dictionary
        case .redis, .redisPipelined, .sharedWire, .sharedSDK: .redis
        }
    }
}
