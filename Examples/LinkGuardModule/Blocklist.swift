import ModuleSDK
import WireProtocol

/// What the operator does not want to see; every comparison ignores case.
struct Blocklist: Decodable, Sendable {
    /// Domains; one blocks those below it too.
    let domains: Set<String>
    /// Whole words.
    let words: Set<String>
    /// Users, as in `@user:server`, or all of a server, as in `*:server`.
    let users: Set<String>

    private enum Key: String, CodingKey {
        case domains = "blocked_domains"
        case words = "blocked_words"
        case users = "blocked_users"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        self.domains = try Self.list(.domains, in: container, "a domain such as bad.example", Self.isDomain)
        self.words = try Self.list(.words, in: container, "one word") { $0.allSatisfy(Self.isInWord) }
        self.users = try Self.list(.users, in: container, "a user such as @user:server, or *:server") { user in
            (user.first == "@" || user.hasPrefix("*:")) && user.contains(":")
        }
        guard !self.domains.isEmpty || !self.words.isEmpty || !self.users.isEmpty else {
            throw ConfigurationError("nothing is blocked: give blocked_domains, blocked_words or blocked_users")
        }
    }

    private static func list(
        _ key: Key,
        in container: KeyedDecodingContainer<Key>,
        _ expected: String,
        _ isValid: (String) -> Bool
    ) throws -> Set<String> {
        let entries = try container.decodeIfPresent([String].self, forKey: key) ?? []
        let problems = entries.enumerated()
            .filter { $0.element.isEmpty || !isValid($0.element) }
            .map { index, entry in
                ConfigurationError.Problem(
                    path: "\(key.rawValue)[\(index)]",
                    message: "expected \(expected), found '\(entry)'"
                )
            }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        return Set(entries.map { $0.lowercased() })
    }

    private static func isDomain(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count > 1
            && labels.allSatisfy { label in
                !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
            }
    }
}

// MARK: - Users

extension Blocklist {
    func blocks(user: String) -> Bool {
        let user = user.lowercased()
        if self.users.contains(user) { return true }
        guard let colon = user.firstIndex(of: ":") else { return false }
        let server = user[user.index(after: colon)...]
        return self.users.contains("*:\(server)") || self.blocks(host: server)
    }
}

// MARK: - Events

extension Blocklist {
    /// Whether the event's text has a blocked word, or the name of a blocked domain.
    func blocks(event: JSONObject) -> Bool {
        guard let content = event["content"] else { return false }
        return ["body", "formatted_body"].contains { key in
            content[key]?.string.map(self.blocks(text:)) ?? false
        }
    }

    func blocks(text: String) -> Bool {
        let text = text.lowercased()
        let hasWord = text.split { !Self.isInWord($0) }.contains { self.words.contains(String($0)) }
        if hasWord { return true }
        return text.split { !Self.isInHost($0) }.contains(where: self.blocks(host:))
    }

    /// Whether a name is a blocked domain or lies below one.
    private func blocks(host: Substring) -> Bool {
        var rest = host.trimmingDots()
        while rest.contains(".") {
            if self.domains.contains(String(rest)) { return true }
            guard let dot = rest.firstIndex(of: ".") else { return false }
            rest = rest[rest.index(after: dot)...]
        }
        return false
    }

    private static func isInWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "'"
    }

    private static func isInHost(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "-" || character == "."
    }
}

extension Substring {
    fileprivate func trimmingDots() -> Substring {
        var trimmed = self.drop { $0 == "." }
        while trimmed.last == "." { trimmed = trimmed.dropLast() }
        return trimmed
    }
}
