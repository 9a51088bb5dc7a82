import HTTPTypes
import Testing

@testable import Gateway

struct BearerTokenTests {
    private let token = BearerToken("s3cret-s3cret")

    @Test(arguments: ["Bearer s3cret-s3cret", "bearer  s3cret-s3cret", "BEARER s3cret-s3cret"])
    func theTokenOpens(value: String) throws {
        try self.token.check([.authorization: value])
    }

    @Test(arguments: [nil, "", "Bearer", "Bearer ", "Basic s3cret-s3cret", "s3cret-s3cret"])
    func whoeverPresentsNoTokenIsAskedForOne(value: String?) {
        var headers = HTTPFields()
        headers[.authorization] = value
        let error = #expect(throws: GatewayError.self) { try self.token.check(headers) }
        #expect(error?.status == .unauthorized)
        #expect(error?.headers[.wwwAuthenticate] == "Bearer realm=\"ganglion\"")
    }

    @Test(arguments: ["x", "s3cret-s3cres", "s3cret-s3cret x", "s3cret-s3crets3cret-s3cret", "s3cret", "é"])
    func aWrongTokenIsAskedForAgain(value: String) {
        let error = #expect(throws: GatewayError.self) { try self.token.check([.authorization: "Bearer \(value)"]) }
        #expect(error?.status == .unauthorized)
        #expect(error?.headers[.wwwAuthenticate] == "Bearer realm=\"ganglion\", error=\"invalid_token\"")
    }
}
