import Foundation
import ModuleSDK
import ModuleTestKit
import Testing
import WireProtocol

@testable import directory_module

struct DirectoryTests {
    private static let configuration: JSONValue = ["users": ["@alice:example.com": "engineering"]]

    private func start() async throws -> InMemoryBus<Directory> {
        try await InMemoryBus.start(Directory.self, moduleID: "directory", configuration: Self.configuration)
    }

    @Test func aUserIsFoundByThePercentEncodedPath() async throws {
        let response = try await self.start().request("GET", "/_modules/directory/users/%40alice%3Aexample.com")
        #expect(response.status == 200)
        #expect(try JSONValue(parsing: response.body) == ["user": "@alice:example.com", "department": "engineering"])
    }

    @Test func anUnknownUserIsNotFound() async throws {
        let response = try await self.start().request("GET", "/_modules/directory/users/bob")
        #expect(response.status == 404)
        #expect(try JSONValue(parsing: response.body)["errcode"] == "M_NOT_FOUND")
    }

    @Test func aPostChangesAUser() async throws {
        let bus = try await self.start()
        let path = "/_modules/directory/users/bob"
        let created = try await bus.request("POST", path, body: #"{"department":"sales"}"#)
        #expect(created.status == 201)
        let changed = try await bus.request("POST", path, body: #"{"department":"support"}"#)
        #expect(changed.status == 200)
        let response = try await bus.request("GET", path)
        #expect(try JSONValue(parsing: response.body)["department"] == "support")
    }

    /// Two processes of the module: one source, one cache service.
    @Test func aChangeInOneProcessIsSeenInTheOther() async throws {
        let file = "/tmp/ganglion-directory-\(UUID().uuidString).json"
        defer { for path in [file, "\(file).lock"] { try? FileManager.default.removeItem(atPath: path) } }
        let configuration: JSONValue = ["users": ["ada": "engines"], "file": .string(file)]
        let cache = InMemoryCache()
        let here = try await InMemoryBus.start(
            Directory.self,
            moduleID: "directory",
            configuration: configuration,
            cache: cache
        )
        let there = try await InMemoryBus.start(
            Directory.self,
            moduleID: "directory",
            configuration: configuration,
            cache: cache
        )
        let path = "/_modules/directory/users/ada"
        for bus in [here, there] {
            let response = try await bus.request("GET", path)
            #expect(try JSONValue(parsing: response.body)["department"] == "engines")
        }
        for (index, bus) in [here, there, here].enumerated() {
            let department = "department \(index)"
            let changed = try await bus.request("POST", path, body: Payload("{\"department\":\"\(department)\"}"))
            #expect(changed.status == 200)
            for reader in [here, there] {
                let response = try await reader.request("GET", path)
                #expect(try JSONValue(parsing: response.body)["department"]?.string == department)
            }
        }
    }

    @Test(arguments: ["", "nonsense", "[]", "{}", #"{"department":5}"#])
    func aBodyThatIsNotAUserIsRefused(body: String) async throws {
        let response = try await self.start().request("POST", "/_modules/directory/users/bob", body: Payload(body))
        #expect(response.status == 400)
    }

    @Test func aFullDirectoryTakesNobodyNew() async throws {
        let configuration: JSONValue = ["users": ["a": "x"], "users_max": 1]
        let bus = try await InMemoryBus.start(Directory.self, moduleID: "directory", configuration: configuration)
        let response = try await bus.request("POST", "/_modules/directory/users/b", body: #"{"department":"y"}"#)
        #expect(response.status == 507)
    }
}
