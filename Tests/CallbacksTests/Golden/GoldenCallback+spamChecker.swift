extension GoldenCallback {
    private static let event = #"{"type":"m.room.message","room_id":"!r:x"}"#
    private static let code: KeyValuePairs = [
        #""M_FORBIDDEN""#: #""M_FORBIDDEN""#, #"["M_LIMIT_EXCEEDED",{"x":1}]"#: #"["M_LIMIT_EXCEEDED",{"x":1}]"#,
    ]
    private static let noVerdicts = ["12", "null", #""some text""#, #"["M_FORBIDDEN"]"#, "{"]

    /// Decides by a code; a boolean is the deprecated form.
    private static func userMay(_ name: String, since: String, _ arguments: KeyValuePairs<String, String>) -> Self {
        Self(
            "spam_checker/\(name)",
            since: since,
            arguments,
            .firstDecision(
                accepting: [#""NOT_SPAM""#, "true"],
                deciding: [
                    #""M_FORBIDDEN""#: #""M_FORBIDDEN""#,
                    #"["M_LIMIT_EXCEEDED",{"x":1}]"#: #"["M_LIMIT_EXCEEDED",{"x":1}]"#,
                    "false": #""M_FORBIDDEN""#,
                ]
            ),
            raising: .fails,
            wrong: Self.noVerdicts,
            is: .decides(#""M_FORBIDDEN""#),
            otherwise: #""NOT_SPAM""#
        )
    }

    /// Decides by a code, and a boolean is a wrong value.
    private static func byCode(_ name: String, since: String, _ arguments: KeyValuePairs<String, String>) -> Self {
        Self(
            "spam_checker/\(name)",
            since: since,
            arguments,
            .firstDecision(accepting: [#""NOT_SPAM""#], deciding: Self.code),
            raising: .fails,
            wrong: Self.noVerdicts + ["true", "false"],
            is: .decides(#""M_FORBIDDEN""#),
            otherwise: #""NOT_SPAM""#
        )
    }

    /// Anything that is true of a kind decides.
    private static func truthy(_ name: String, since: String, _ arguments: KeyValuePairs<String, String>) -> Self {
        Self(
            "spam_checker/\(name)",
            since: since,
            arguments,
            .firstDecision(
                accepting: ["false", "null", "0", #""""#],
                deciding: ["true": "true", #""why""#: #""why""#, "5": "5"]
            ),
            raising: .fails,
            wrong: ["{"],
            is: .decides("true"),
            otherwise: "false"
        )
    }

    static let spamChecker: [Self] = [
        Self(
            "spam_checker/check_event_for_spam",
            since: "1.37.0",
            ["event": event],
            .firstDecision(
                accepting: [#""NOT_SPAM""#, "false"],
                deciding: [
                    #""M_FORBIDDEN""#: #""M_FORBIDDEN""#,
                    #"["M_LIMIT_EXCEEDED",{"x":1}]"#: #"["M_LIMIT_EXCEEDED",{"x":1}]"#,
                    "true": #""M_FORBIDDEN""#, #""go away""#: #""go away""#,
                ]
            ),
            raising: .fails,
            wrong: ["12", "null", #"["M_FORBIDDEN"]"#, "{"],
            is: .decides(#""This message has been rejected as probable spam""#),
            otherwise: #""NOT_SPAM""#
        ),
        truthy("should_drop_federated_event", since: "1.60.0", ["event": event]),
        userMay(
            "user_may_join_room",
            since: "1.37.0",
            ["user": #""@a:x""#, "room": #""!r:x""#, "is_invited": "true"]
        ),
        userMay(
            "user_may_invite",
            since: "1.37.0",
            ["inviter": #""@a:x""#, "invitee": #""@b:x""#, "room_id": #""!r:x""#]
        ),
        userMay("federated_user_may_invite", since: "1.133.0", ["event": event]),
        userMay(
            "user_may_send_3pid_invite",
            since: "1.45.0",
            ["inviter": #""@a:x""#, "medium": #""email""#, "address": #""b@x""#, "room_id": #""!r:x""#]
        ),
        userMay("user_may_create_room", since: "1.37.0", ["user_id": #""@a:x""#, "room_config": #"{"name":"n"}"#]),
        userMay("user_may_create_room_alias", since: "1.37.0", ["user_id": #""@a:x""#, "room_alias": ##""#r:x""##]),
        userMay("user_may_publish_room", since: "1.37.0", ["user_id": #""@a:x""#, "room_id": #""!r:x""#]),
        byCode(
            "user_may_send_state_event",
            since: "1.132.0",
            [
                "user_id": #""@a:x""#, "room_id": #""!r:x""#, "event_type": #""m.room.name""#, "state_key": #""""#,
                "content": #"{"name":"n"}"#,
            ]
        ),
        truthy(
            "check_username_for_spam",
            since: "1.37.0",
            [
                "user_profile": #"{"user_id":"@a:x","display_name":null,"avatar_url":null}"#,
                "requester_id": #""@b:x""#,
            ]
        ),
        Self(
            "spam_checker/check_registration_for_spam",
            since: "1.37.0",
            [
                "email_threepid": "null", "username": #""a""#, "request_info": #"[["agent","127.0.0.1"]]"#,
                "auth_provider_id": "null",
            ],
            .firstDecision(
                accepting: [#""allow""#],
                deciding: [#""shadow_ban""#: #""shadow_ban""#, #""deny""#: #""deny""#]
            ),
            raising: .fails,
            wrong: [#""maybe""#, "true", "null", "{"],
            is: .fails,
            otherwise: #""allow""#
        ),
        Self(
            "spam_checker/check_media_file_for_spam",
            since: "1.37.0",
            ["file_wrapper": #"{"path":"/f"}"#, "file_info": "{}"],
            .firstDecision(
                accepting: [#""NOT_SPAM""#, "false"],
                deciding: [#""M_FORBIDDEN""#: #""M_FORBIDDEN""#, "true": #""M_FORBIDDEN""#]
            ),
            raising: .fails,
            wrong: noVerdicts,
            is: .decides(#""M_FORBIDDEN""#),
            otherwise: #""NOT_SPAM""#
        ),
        byCode(
            "check_login_for_spam",
            since: "1.87.0",
            [
                "user_id": #""@a:x""#, "device_id": "null", "initial_display_name": "null",
                "request_info": #"[[null,"127.0.0.1"]]"#, "auth_provider_id": "null",
            ]
        ),
    ]
}
