/// Which callbacks an operator speaks of: `category/name`, `category/*`, or `*` for all.
public struct CallbackPattern: Hashable, Sendable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    /// How much the pattern says: of two that match a callback the one that says more holds.
    var weight: Int {
        self.text == "*" ? 0 : self.text.hasSuffix("/*") ? 1 : 2
    }

    public func matches(_ callback: CallbackDeclaration) -> Bool {
        switch self.weight {
        case 0: true
        case 1: self.text.dropLast(2) == callback.category
        default: self.text == callback.path
        }
    }
}

extension DispatcherConfiguration.Module {
    /// Whether the operator lets it register a callback.
    func allows(_ callback: CallbackDeclaration) -> Bool {
        self.allowedCallbacks?.contains { CallbackPattern($0).matches(callback) } ?? true
    }
}
