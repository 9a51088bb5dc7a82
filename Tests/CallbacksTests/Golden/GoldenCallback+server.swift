extension GoldenCallback {
    static let presenceRouter: [Self] = [
        Self(
            "presence_router/get_users_for_states",
            since: "1.42.0",
            ["state_updates": #"[{"user_id":"@a:x"}]"#],
            .union(
                of: #"{"@b:x":["s1"],"@c:x":["s1"]}"#,
                and: #"{"@b:x":["s2","s1"]}"#,
                is: #"{"@b:x":["s1","s2"],"@c:x":["s1"]}"#
            ),
            raising: .skipped,
            wrong: ["5", "[]", "null", "{"],
            is: .skipped,
            otherwise: "{}"
        ),
        Self(
            "presence_router/get_interested_users",
            since: "1.42.0",
            ["user_id": #""@a:x""#],
            .union(of: #"["@b:x","@c:x"]"#, and: #"["@c:x","@d:x"]"#, is: #"["@b:x","@c:x","@d:x"]"#),
            raising: .skipped,
            wrong: ["5", #""all""#, "{}", "[1]", "{"],
            is: .skipped,
            otherwise: "[]"
        ),
    ]

    private static func batchSize(_ name: String, otherwise: String) -> Self {
        Self(
            "background_update_controller/\(name)",
            since: "1.49.0",
            ["update_name": #""u""#, "database_name": #""main""#],
            .firstModule(answer: "50", others: .ignored),
            raising: .fails,
            wrong: [#""many""#, "null", "{"],
            is: .fails,
            otherwise: otherwise
        )
    }

    static let backgroundUpdateController: [Self] = [
        Self(
            "background_update_controller/on_update",
            since: "1.49.0",
            ["update_name": #""u""#, "database_name": #""main""#, "one_shot": "false"],
            .firstModuleScoped(answer: "50"),
            raising: .fails,
            wrong: [#""soon""#, "null", "{"],
            is: .fails,
            otherwise: "100"
        ),
        batchSize("default_batch_size", otherwise: "100"),
        // Documented as 100; the code has 1.
        batchSize("min_batch_size", otherwise: "1"),
    ]

    static let mediaRepository: [Self] = [
        // The code passes over an empty object; the documentation promises that the first that is not null wins.
        Self(
            "media_repository/get_media_config_for_user",
            since: "1.132.0",
            ["user_id": #""@a:x""#],
            .firstDecision(
                accepting: ["null"],
                deciding: ["{}": "{}", #"{"m.upload.size":1}"#: #"{"m.upload.size":1}"#]
            ),
            raising: .fails,
            wrong: ["5", "{"],
            is: .fails
        ),
        Self(
            "media_repository/is_user_allowed_to_upload_media_of_size",
            since: "1.132.0",
            ["user_id": #""@a:x""#, "size": "5"],
            .firstDecision(accepting: ["true", "1"], deciding: ["false": "false", "null": "false", "0": "false"]),
            raising: .fails,
            wrong: ["{"],
            is: .fails,
            otherwise: "true"
        ),
        Self(
            "media_repository/get_media_upload_limits_for_user",
            since: "1.139.0",
            ["user_id": #""@a:x""#],
            .firstDecision(
                accepting: ["null"],
                deciding: [
                    "[]": "[]", #"[{"max_bytes":1,"time_period_ms":2}]"#: #"[{"max_bytes":1,"time_period_ms":2}]"#,
                ]
            ),
            raising: .fails,
            wrong: ["5", "[1]", "{"],
            is: .fails
        ),
        Self(
            "media_repository/on_media_upload_limit_exceeded",
            since: "1.139.0",
            [
                "user_id": #""@a:x""#, "limit": #"{"max_bytes":1,"time_period_ms":2}"#, "sent_bytes": "1",
                "attempted_bytes": "2",
            ],
            .all,
            raising: .fails,
            wrong: ["5", "{"]
        ),
    ]

    static let others: [Self] = [
        Self(
            "account_data/on_account_data_updated",
            since: "1.57.0",
            ["user_id": #""@a:x""#, "room_id": "null", "account_data_type": #""m.direct""#, "content": "{}"],
            .all,
            raising: .skipped,
            wrong: ["5", "{"]
        ),
        Self(
            "add_extra_fields_to_unsigned_client_event/add_field_to_unsigned_callback",
            since: "1.96.0",
            ["event": "{}"],
            .union(of: #"{"x":1,"y":1}"#, and: #"{"y":2}"#, is: #"{"x":1,"y":2}"#),
            raising: .fails,
            wrong: ["5", "null", "[]", "{"],
            is: .fails,
            otherwise: "{}"
        ),
        Self(
            "ratelimit/get_ratelimit_override_for_user",
            since: "1.132.0",
            ["user": #""@a:x""#, "limiter_name": #""rc_invites.per_room""#],
            .firstDecision(
                accepting: ["null"],
                deciding: [#"{"per_second":0.0,"burst_count":0}"#: #"{"per_second":0.0,"burst_count":0}"#]
            ),
            raising: .fails,
            wrong: ["5", #"{"per_second":1}"#, "{"],
            is: .fails
        ),
        Self(
            "federation/on_event_delivered_over_federation",
            since: "1.158.0",
            ["server_name": #""x""#, "events": "[{}]", "method": #""/send""#],
            .all,
            raising: .skipped,
            wrong: ["5", "{"]
        ),
    ]
}
