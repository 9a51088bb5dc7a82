extension GoldenCallback {
    private static let event = #"{"type":"m.room.message","room_id":"!r:x"}"#
    private static let identifier: KeyValuePairs = [
        "user_id": #""@a:x""#, "medium": #""email""#, "address": #""a@x""#,
    ]

    /// `false`, and nothing else, forbids; a module that fails has not forbidden.
    private static func check(_ name: String, since: String, _ arguments: KeyValuePairs<String, String>) -> Self {
        Self(
            "third_party_rules/\(name)",
            since: since,
            arguments,
            .firstDecision(accepting: ["true"], deciding: ["false": "false"]),
            raising: .skipped,
            wrong: ["null", "0", #""no""#, "{"],
            is: .skipped,
            otherwise: "true"
        )
    }

    private static func news(_ name: String, since: String, _ arguments: KeyValuePairs<String, String>) -> Self {
        Self("third_party_rules/\(name)", since: since, arguments, .all, raising: .skipped, wrong: ["false", "5", "{"])
    }

    static let thirdPartyRules: [Self] = [
        // The original ends the chain at the first replacement; its documentation promises that only a veto does.
        Self(
            "third_party_rules/check_event_allowed",
            since: "1.39.0",
            ["event": event, "state_events": "{}"],
            .chainOfReplacements(of: "event"),
            raising: .fails,
            wrong: ["5", #""yes""#, "[true]", "[1,null]", "{"],
            is: .fails,
            otherwise: "[true,null]"
        ),
        Self(
            "third_party_rules/on_create_room",
            since: "1.39.0",
            ["requester": "{}", "request_content": #"{"name":"n"}"#, "is_requester_admin": "false"],
            .chainOfReplacements(of: "request_content"),
            raising: .decides("[false,null]"),
            wrong: ["5", "[true]", "{"],
            is: .fails,
            otherwise: "[true,null]"
        ),
        check(
            "check_threepid_can_be_invited",
            since: "1.39.0",
            ["medium": #""email""#, "address": #""a@x""#, "state_events": "{}"]
        ),
        check(
            "check_visibility_can_be_modified",
            since: "1.39.0",
            ["room_id": #""!r:x""#, "state_events": "{}", "new_visibility": #""public""#]
        ),
        news("on_new_event", since: "1.47.0", ["event": event, "state_events": "{}"]),
        check("check_can_shutdown_room", since: "1.55.0", ["user_id": "null", "room_id": #""!r:x""#]),
        check("check_can_deactivate_user", since: "1.55.0", ["user_id": #""@a:x""#, "by_admin": "true"]),
        news(
            "on_profile_update",
            since: "1.54.0",
            [
                "user_id": #""@a:x""#, "new_profile": #"{"avatar_url":null,"display_name":"A"}"#, "by_admin": "false",
                "deactivation": "false",
            ]
        ),
        news(
            "on_user_deactivation_status_changed",
            since: "1.54.0",
            ["user_id": #""@a:x""#, "deactivated": "true", "by_admin": "false"]
        ),
        news("on_threepid_bind", since: "1.56.0", identifier),
        news("on_add_user_third_party_identifier", since: "1.79.0", identifier),
        news("on_remove_user_third_party_identifier", since: "1.79.0", identifier),
    ]
}
