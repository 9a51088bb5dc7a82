import CacheHistory
import Foundation
import Synchronization
import WireProtocol

/// Reads and changes users of the directory over HTTP, and records both.
final class DirectoryTraffic: Sendable {
    private struct State {
        var versions: [String: Int] = [:]
        var history = History<String>()
    }

    private let platform: TestPlatform
    private let users: [String]
    private let state = Mutex(State())

    init(_ platform: TestPlatform, users: [String]) {
        self.platform = platform
        self.users = users
    }

    var history: History<String> { self.state.withLock(\.history) }

    /// Reads one of the users; an answer that is none, or that does not come in time, says nothing of what is served.
    func read() async {
        guard let user = self.users.randomElement() else { return }
        let began = ContinuousClock.now
        let response = try? await self.platform.get(Self.path(user))
        guard let response, response.status == 200, let department = response.json["department"]?.string else { return }
        let version = Int(department.drop { !$0.isNumber }) ?? 0
        self.state.withLock { $0.history.read(version, of: user, began: began) }
    }

    /// Changes a user; what is not acknowledged promises nothing.
    ///
    /// One caller at a time for each user: versions are written in their order.
    func write(_ user: String) async throws {
        let version = self.nextVersion(of: user)
        let body = Payload("{\"department\":\"\(Self.department(version))\"}")
        let response = try? await self.platform.send("POST", Self.path(user), body: body)
        guard response?.status == 200 else {
            // It may still be under way, and must not come after the next.
            return try await ContinuousClock().sleep(for: .seconds(1))
        }
        let acknowledged = ContinuousClock.now
        self.state.withLock { $0.history.wrote(version, to: user, acknowledged: acknowledged) }
    }

    /// Changes all users where they are kept, so that nobody invalidates anything, and records that as acknowledged.
    func writeBehindTheModulesBack(_ file: URL) throws {
        let versions = self.users.map { ($0, self.nextVersion(of: $0)) }
        var users = JSONObject()
        for (user, version) in versions { users[user] = .string(Self.department(version)) }
        try Data(JSONValue.object(users).encoded().bytes).write(to: file, options: .atomic)
        let acknowledged = ContinuousClock.now
        self.state.withLock { state in
            for (user, version) in versions { state.history.wrote(version, to: user, acknowledged: acknowledged) }
        }
    }

    private func nextVersion(of user: String) -> Int {
        self.state.withLock { state in
            state.versions[user, default: 0] += 1
            return state.versions[user, default: 0]
        }
    }

    private static func path(_ user: String) -> String { "/_modules/directory/users/\(user)" }

    private static func department(_ version: Int) -> String { "department \(version)" }
}
