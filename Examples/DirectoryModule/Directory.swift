import ModuleSDK
import Synchronization
import WireProtocol

/// Serves a small directory of users: `GET` and `POST /_modules/directory/users/{id}`.
@main
final class Directory: Module {
    static let version = "1.0.0"

    struct Configuration: Decodable, Sendable {
        /// The users the directory begins with: department by user.
        let users: [String: String]
        /// The most users it holds.
        let usersMax: Int

        private enum Key: String, CodingKey {
            case users
            case usersMax = "users_max"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            self.users = try container.decodeIfPresent([String: String].self, forKey: .users) ?? [:]
            self.usersMax = try container.decodeIfPresent(Int.self, forKey: .usersMax) ?? 10_000
            guard self.usersMax >= max(1, self.users.count) else {
                throw ConfigurationError("must be at least 1 and the number of users given", at: "users_max")
            }
        }
    }

    private let users: Mutex<[String: String]>
    private let usersMax: Int

    init(configuration: Configuration, api: ModuleAPI) {
        self.users = Mutex(configuration.users)
        self.usersMax = configuration.usersMax
        api.registerWebResource("/_modules/\(api.moduleID)/users/{id}", methods: ["GET", "POST"]) { request in
            let user = request.parameters["id"] ?? ""
            return request.method == "POST" ? try self.change(user, request) : try self.show(user)
        }
    }

    private func show(_ user: String) throws -> WebResponse {
        guard let department = self.users.withLock({ $0[user] }) else {
            throw WebFailure(status: 404, code: "M_NOT_FOUND", message: "there is no user '\(user)'")
        }
        return .json(Self.json(user, department))
    }

    private func change(_ user: String, _ request: WebRequest) throws -> WebResponse {
        guard let department = try request.json()["department"]?.string, department.utf8.count <= 255 else {
            throw WebFailure(
                status: 400,
                code: "M_BAD_JSON",
                message: "expected {\"department\": \"…\"} with at most 255 bytes"
            )
        }
        let isNew = try self.users.withLock { users in
            let isNew = users[user] == nil
            guard !isNew || users.count < self.usersMax else {
                throw WebFailure(status: 507, code: "M_RESOURCE_LIMIT", message: "the directory is full")
            }
            users[user] = department
            return isNew
        }
        return .json(Self.json(user, department), status: isNew ? 201 : 200)
    }

    private static func json(_ user: String, _ department: String) -> JSONValue {
        ["user": .string(user), "department": .string(department)]
    }
}
