/// What a call is for that concerns one module only and is handed to it as it is.
enum DirectKind: Int, CaseIterable {
    case web
    case method
    case backgroundUpdate

    /// What operators see its counters under.
    var name: String {
        switch self {
        case .web: "web"
        case .method: "methods"
        case .backgroundUpdate: "background_updates"
        }
    }

    /// What targets of this kind begin with.
    var prefix: String {
        switch self {
        case .web: "web/"
        case .method: "method/"
        case .backgroundUpdate: "update/"
        }
    }

    /// The target of a call to a module's item, which is a path with its slash for web resources and a name otherwise.
    func target(_ item: String, of module: String) -> String {
        self == .web ? "\(self.prefix)\(module)\(item)" : "\(self.prefix)\(module)/\(item)"
    }
}
