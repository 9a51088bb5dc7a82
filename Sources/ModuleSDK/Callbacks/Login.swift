public import WireProtocol

/// Who somebody is who has proved it.
public struct Login: Hashable, Sendable {
    /// The user's whole name, such as `@alice:example.com`.
    public var userID: String
    /// Given back to this module when the host has made the login's response; nil when the module has nothing to add to it.
    ///
    /// Any replica of the module may get it, so that it has to be understood by all of them.
    public var token: String?

    public init(userID: String, token: String? = nil) {
        self.userID = userID
        self.token = token
    }

    var answer: CallbackAnswer {
        .result([.string(self.userID), self.token.map(JSONValue.string) ?? .null])
    }
}

/// Checks logins of one type.
public struct AuthChecker: Sendable {
    /// Says who the user is; nil for somebody whom this module does not know, or whose proof is none.
    public typealias Check =
        @Sendable (_ username: String, _ loginType: String, _ fields: JSONObject) async throws -> Login?

    /// The login type, such as `m.login.password`.
    public var loginType: String
    /// The names of what a login of this type has to have, such as `password`.
    public var fields: [String]
    let check: Check

    public init(_ loginType: String, fields: [String], check: @escaping Check) {
        self.loginType = loginType
        self.fields = fields
        self.check = check
    }
}
