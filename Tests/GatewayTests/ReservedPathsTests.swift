import Testing

@testable import Gateway

struct ReservedPathsTests {
    private let reserved = ReservedPaths(["/_matrix/client", "/admin/"])

    @Test(arguments: [
        ("/_matrix/client", true),
        ("/_matrix/client/", true),
        ("/_matrix/client/v3/x", true),
        ("/%5fmatrix/clien%74/v3", true),
        ("/_matrix/clients", false),
        ("/_matrix", false),
        ("/admin", true),
        ("/admin/x", true),
        ("/_ganglion/health", true),
        ("/x/_ganglion", false),
    ])
    func aPrefixReservesItselfAndAllBelow(path: String, isReserved: Bool) throws {
        #expect(self.reserved.contains(try RequestPath(path)) == isReserved)
    }

    @Test func thePlatformsOwnPrefixIsAlwaysReserved() throws {
        #expect(ReservedPaths([]).contains(try RequestPath("/_ganglion/admin/v1/modules")))
        #expect(!ReservedPaths(["/"]).contains(try RequestPath("/a")))
    }
}
