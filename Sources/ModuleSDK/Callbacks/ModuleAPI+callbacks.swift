public import WireProtocol

extension ModuleAPI {
    /// Registers callbacks of any category, by name.
    ///
    /// In the initialiser of the module only. A category or name that the operator's catalogue does not have refuses the registration.
    ///
    /// - Parameters:
    ///   - category: The category, as in `third_party_rules`.
    ///   - callbacks: The handlers by callback name.
    ///   - execution: Where the handlers run.
    ///   - concurrency: How many calls of each may be in flight to this process (1 to 65,535).
    ///   - isPure: The answers depend on the arguments only and have no side effect, so this module may be asked at the same time as
    ///     those before it, also for nothing.
    ///   - filter: Which calls concern this module, by their arguments; the others are not sent to it and it has no opinion on them. Left out, all
    ///     do.
    public func registerCallbacks(
        _ category: String,
        _ callbacks: [String: CallbackHandler],
        execution: HandlerExecution = .loop,
        concurrency: Int = 64,
        isPure: Bool = false,
        filter: ArgumentFilter? = nil
    ) {
        for (name, handler) in callbacks.sorted(by: { $0.key < $1.key }) {
            let claim = CallbackClaim(
                category: category,
                name: name,
                concurrency: concurrency,
                isPure: isPure,
                filter: filter?.json
            )
            self.register(claim, execution: execution, handler: handler)
        }
    }

    /// Registers callbacks of the category `spam_checker`; those left out are not answered by this module.
    ///
    /// In the initialiser of the module only. For the callbacks that are not named here use
    /// ``registerCallbacks(_:_:execution:concurrency:isPure:filter:)``.
    ///
    /// - Parameters:
    ///   - checkEventForSpam: May this event be sent, or accepted from another server?
    ///   - userMayJoinRoom: May this user (first) join this room (second)? The third says whether the user was invited.
    ///   - userMayInvite: May this user (first) invite that one (second) into this room (third)?
    ///   - userMayCreateRoom: May this user create a room with this configuration?
    ///   - execution: Where the handlers run.
    ///   - concurrency: How many calls of each may be in flight to this process (1 to 65,535).
    ///   - isPure: The answers depend on the arguments only and have no side effect, so this module may be asked at the same time as
    ///     those before it, also for nothing.
    ///   - filter: Which calls concern this module, by their arguments; left out, all do. It holds for all that are named in one registration, so those that
    ///     have other arguments are registered by another one.
    public func registerSpamCheckerCallbacks(
        checkEventForSpam: (@Sendable (_ event: JSONObject) async throws -> SpamVerdict)? = nil,
        userMayJoinRoom: (@Sendable (_ user: String, _ room: String, _ isInvited: Bool) async throws -> SpamVerdict)? =
            nil,
        userMayInvite: (@Sendable (_ inviter: String, _ invitee: String, _ room: String) async throws -> SpamVerdict)? =
            nil,
        userMayCreateRoom: (@Sendable (_ user: String, _ configuration: JSONValue) async throws -> SpamVerdict)? = nil,
        execution: HandlerExecution = .loop,
        concurrency: Int = 64,
        isPure: Bool = false,
        filter: ArgumentFilter? = nil
    ) {
        var callbacks: [String: CallbackHandler] = [:]
        if let checkEventForSpam {
            callbacks["check_event_for_spam"] = { call in
                try await checkEventForSpam(call.arguments().object("event")).answer
            }
        }
        if let userMayJoinRoom {
            callbacks["user_may_join_room"] = { call in
                let arguments = try call.arguments()
                let isInvited = arguments["is_invited"] == .bool(true)
                return try await userMayJoinRoom(arguments.string("user"), arguments.string("room"), isInvited).answer
            }
        }
        if let userMayInvite {
            callbacks["user_may_invite"] = { call in
                let arguments = try call.arguments()
                return try await userMayInvite(
                    arguments.string("inviter"),
                    arguments.string("invitee"),
                    arguments.string("room_id")
                ).answer
            }
        }
        if let userMayCreateRoom {
            callbacks["user_may_create_room"] = { call in
                let arguments = try call.arguments()
                return try await userMayCreateRoom(arguments.string("user_id"), arguments["room_config"]).answer
            }
        }
        self.registerCallbacks(
            "spam_checker",
            callbacks,
            execution: execution,
            concurrency: concurrency,
            isPure: isPure,
            filter: filter
        )
    }
}
