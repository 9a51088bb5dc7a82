public import WireProtocol

extension ModuleAPI {
    /// The method by which a host tells a module that the response of a login is about to be sent.
    static let postLoginMethod = "post_login"

    /// Registers callbacks of the category `password_auth_provider`; those left out are not answered by this module.
    ///
    /// In the initialiser of the module only. For the callbacks that are not named here use
    /// ``registerCallbacks(_:_:execution:concurrency:isPure:filter:)``.
    ///
    /// - Parameters:
    ///   - authCheckers: Who checks which type of login.
    ///   - check3PIDAuth: Whom do this medium (first), address (second) and password (third) log in?
    ///   - onLoggedOut: A user (first) logged out of a device (second); the third is the access token.
    ///   - postLogin: Called for a ``Login`` with a token, before its response is sent: the token and the response. Registers the method `post_login`.
    ///   - execution: Where the handlers run.
    ///   - concurrency: How many calls of each may be in flight to this process (1 to 65,535).
    public func registerPasswordAuthProviderCallbacks(
        authCheckers: [AuthChecker] = [],
        check3PIDAuth: (@Sendable (_ medium: String, _ address: String, _ password: String) async throws -> Login?)? =
            nil,
        onLoggedOut: (@Sendable (_ user: String, _ device: String?, _ accessToken: String) async throws -> Void)? = nil,
        postLogin: (@Sendable (_ token: String, _ response: JSONObject) async throws -> Void)? = nil,
        execution: HandlerExecution = .loop,
        concurrency: Int = 64
    ) {
        let category = "password_auth_provider"
        if !authCheckers.isEmpty {
            self.registerKeyedCallback(
                category,
                "auth_checkers",
                by: "login_type",
                authCheckers.map(\.keyed),
                execution: execution,
                concurrency: concurrency
            )
        }
        var callbacks: [String: CallbackHandler] = [:]
        if let check3PIDAuth {
            callbacks["check_3pid_auth"] = { call in
                let arguments = try call.arguments()
                return try await check3PIDAuth(
                    arguments.string("medium"),
                    arguments.string("address"),
                    arguments.string("password")
                )?.answer ?? .noOpinion
            }
        }
        if let onLoggedOut {
            callbacks["on_logged_out"] = { call in
                let arguments = try call.arguments()
                try await onLoggedOut(
                    arguments.string("user_id"),
                    arguments.optionalString("device_id"),
                    arguments.string("access_token")
                )
                return .noOpinion
            }
        }
        self.registerCallbacks(category, callbacks, execution: execution, concurrency: concurrency)
        if let postLogin {
            self.registerMethod(Self.postLoginMethod, execution: execution) { arguments in
                guard let token = arguments["token"]?.string, let response = arguments["response"]?.object else {
                    throw BusFault(.badRequest, "expected `token`, a string, and `response`, an object")
                }
                try await postLogin(token, response)
                return .null
            }
        }
    }
}

extension AuthChecker {
    fileprivate var keyed: KeyedHandler {
        KeyedHandler(self.loginType, fields: self.fields) { [check] call in
            let arguments = try call.arguments()
            let login = try await check(
                arguments.string("username"),
                arguments.string("login_type"),
                arguments.object("login_dict")
            )
            return login?.answer ?? .noOpinion
        }
    }
}
