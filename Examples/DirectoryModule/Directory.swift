import ModuleSDK
import WireProtocol

/// Serves a small directory of users: `GET` and `POST /_modules/directory/users/{id}`.
///
/// Looking a user up is a cached function; who changes a user invalidates what is kept of it, in every process.
@main
final class Directory: Module {
    static let version = "1.1.0"

    struct Configuration: Decodable, Sendable {
        /// The users the directory begins with: department by user.
        let users: [String: String]
        /// Where users are kept; without a file each process has its own.
        let file: String?
        /// The most users it holds.
        let usersMax: Int

        private enum Key: String, CodingKey {
            case users
            case file
            case usersMax = "users_max"
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Key.self)
            self.users = try container.decodeIfPresent([String: String].self, forKey: .users) ?? [:]
            self.file = try container.decodeIfPresent(String.self, forKey: .file)
            self.usersMax = try container.decodeIfPresent(Int.self, forKey: .usersMax) ?? 10_000
            guard self.usersMax >= max(1, self.users.count) else {
                throw ConfigurationError("must be at least 1 and the number of users given", at: "users_max")
            }
        }
    }

    private let api: ModuleAPI
    private let source: UserSource
    private let departmentOfUser: CachedFunction<String, String?>

    init(configuration: Configuration, api: ModuleAPI) {
        let source = UserSource(configuration.users, file: configuration.file, usersMax: configuration.usersMax)
        self.api = api
        self.source = source
        self.departmentOfUser = api.registerCachedFunction("department_of_user") { user in
            try source.department(of: user)
        }
        api.registerWebResource("/_modules/\(api.moduleID)/users/{id}", methods: ["GET", "POST"]) { request in
            let user = request.parameters["id"] ?? ""
            return request.method == "POST" ? try await self.change(user, request) : try await self.show(user)
        }
    }

    private func show(_ user: String) async throws -> WebResponse {
        guard let department = try await self.departmentOfUser(user) else {
            throw WebFailure(status: 404, code: "M_NOT_FOUND", message: "there is no user '\(user)'")
        }
        return .json(Self.json(user, department))
    }

    private func change(_ user: String, _ request: WebRequest) async throws -> WebResponse {
        guard let department = try request.json()["department"]?.string, department.utf8.count <= 255 else {
            throw WebFailure(
                status: 400,
                code: "M_BAD_JSON",
                message: "expected {\"department\": \"…\"} with at most 255 bytes"
            )
        }
        let isNew: Bool
        do {
            isNew = try self.source.set(department, of: user)
        } catch is UserSource.Full {
            throw WebFailure(status: 507, code: "M_RESOURCE_LIMIT", message: "the directory is full")
        }
        try await self.forget(user)
        return .json(Self.json(user, department), status: isNew ? 201 : 200)
    }

    /// The user has changed already when this fails: it is the client that has to say so again.
    private func forget(_ user: String) async throws {
        do {
            try await self.api.invalidateCache(self.departmentOfUser, key: user)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw WebFailure(
                status: 503,
                code: "M_UNKNOWN",
                message: "the user is changed, and some may not see it yet: send the change again (\(error))"
            )
        }
    }

    private static func json(_ user: String, _ department: String) -> JSONValue {
        ["user": .string(user), "department": .string(department)]
    }
}
