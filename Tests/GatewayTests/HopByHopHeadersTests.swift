import HTTPTypes
import Testing

@testable import Gateway

struct HopByHopHeadersTests {
    @Test(arguments: [
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "proxy-authorization",
    ])
    func theseAreNeverPassedOn(name: String) {
        #expect(HopByHopHeaders(of: [:]).contains(name))
    }

    @Test func whatConnectionNamesIsNotPassedOn() {
        var fields: HTTPFields = [.connection: "close, X-One"]
        fields.append(HTTPField(name: .connection, value: " x-two\t,,"))
        let headers = HopByHopHeaders(of: fields)
        #expect(headers.contains("x-one"))
        #expect(headers.contains("x-two"))
        #expect(!headers.contains("x-three"))
        #expect(!headers.contains("accept"))
    }
}
