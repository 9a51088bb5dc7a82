internal import HTTPTypes
internal import Hummingbird

/// The token that opens the admin surface and the calls of hosts.
public struct BearerToken: Sendable {
    private let bytes: [UInt8]

    /// A token.
    ///
    /// - Parameter text: not empty.
    public init(_ text: String) {
        precondition(!text.isEmpty, "An empty token would let everybody in.")
        self.bytes = Array(text.utf8)
    }

    /// Lets a request in that carries the token.
    ///
    /// - Throws: ``GatewayError``: 401 for a request without one or with a wrong one (RFC 9110 §15.5.2).
    func check(_ headers: HTTPFields) throws(GatewayError) {
        guard let presented = Self.presented(headers[.authorization]) else {
            throw GatewayError(
                status: .unauthorized,
                code: .unauthorized,
                message: "This needs the admin token, as in 'Authorization: Bearer TOKEN'",
                headers: [.wwwAuthenticate: "Bearer realm=\"ganglion\""]
            )
        }
        guard self.matches(presented.utf8) else {
            throw GatewayError(
                status: .unauthorized,
                code: .unauthorized,
                message: "This is not the admin token",
                headers: [.wwwAuthenticate: "Bearer realm=\"ganglion\", error=\"invalid_token\""]
            )
        }
    }

    private static func presented(_ authorization: String?) -> Substring? {
        guard let authorization, let space = authorization.firstIndex(of: " ") else { return nil }
        guard authorization[..<space].lowercased() == "bearer" else { return nil }
        let token = authorization[authorization.index(after: space)...].drop { $0 == " " }
        return token.isEmpty ? nil : token
    }

    /// Compares in a time that tells nothing about how much of a wrong token is right.
    private func matches(_ presented: Substring.UTF8View) -> Bool {
        var difference = presented.count ^ self.bytes.count
        for (index, byte) in presented.enumerated() {
            difference |= Int(byte ^ self.bytes[index % self.bytes.count])
        }
        return difference == 0
    }
}
