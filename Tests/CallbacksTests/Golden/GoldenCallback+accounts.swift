extension GoldenCallback {
    static let accountValidity: [Self] = [
        Self(
            "account_validity/is_user_expired",
            since: "1.39.0",
            ["user": #""@a:x""#],
            .firstDecision(accepting: ["null"], deciding: ["true": "true", "false": "false"]),
            raising: .fails,
            wrong: ["5", #""yes""#, "{"],
            is: .fails
        ),
        Self(
            "account_validity/on_user_registration",
            since: "1.39.0",
            ["user": #""@a:x""#],
            .all,
            raising: .fails,
            wrong: ["5", "{"]
        ),
        Self(
            "account_validity/on_user_login",
            since: "1.98.0",
            ["user_id": #""@a:x""#, "auth_provider_type": "null", "auth_provider_id": "null"],
            .all,
            raising: .fails,
            wrong: ["5", "{"]
        ),
        Self(
            "account_validity/on_legacy_send_mail",
            since: "1.39.0",
            ["user": #""@a:x""#],
            .firstModule(answer: "null", others: .refused),
            raising: .fails,
            wrong: ["5"]
        ),
        Self(
            "account_validity/on_legacy_renew",
            since: "1.39.0",
            ["token": #""t""#],
            .firstModule(answer: "[true,false,1700000000000]", others: .refused),
            raising: .fails,
            wrong: ["true", "[true,false]", "null", "{"],
            is: .fails
        ),
        Self(
            "account_validity/on_legacy_admin_request",
            since: "1.39.0",
            ["request": "{}"],
            .firstModule(answer: "1700000000000", others: .refused),
            raising: .fails,
            wrong: [#""soon""#, "{"],
            is: .fails
        ),
    ]

    private static let noLogins = [#""@a:x""#, "true", "[1,null]", #"["@a:x"]"#, #"["@a:x",5]"#, "{"]
    private static let answers: KeyValuePairs = [
        #"["@a:x",null]"#: #"["@a:x",null]"#, #"["@a:x","token"]"#: #"["@a:x","token"]"#,
    ]

    private static func name(_ callback: String, since: String) -> Self {
        Self(
            "password_auth_provider/\(callback)",
            since: since,
            ["uia_results": "{}", "params": "{}"],
            .firstDecision(accepting: ["null"], deciding: [#""alice""#: #""alice""#, #""""#: #""""#]),
            raising: .fails,
            wrong: ["5", "true", "{"],
            is: .skipped
        )
    }

    static let passwordAuthProvider: [Self] = [
        Self(
            "password_auth_provider/auth_checkers",
            since: "1.46.0",
            ["username": #""a""#, "login_type": #""m.login.password""#, "login_dict": #"{"password":"p"}"#],
            .firstDecisionByKey(accepting: ["null"], deciding: answers),
            raising: .skipped,
            wrong: noLogins,
            is: .skipped
        ),
        Self(
            "password_auth_provider/check_3pid_auth",
            since: "1.46.0",
            ["medium": #""email""#, "address": #""a@x""#, "password": #""p""#],
            .firstDecision(accepting: ["null"], deciding: answers),
            raising: .skipped,
            wrong: noLogins,
            is: .skipped
        ),
        Self(
            "password_auth_provider/on_logged_out",
            since: "1.46.0",
            ["user_id": #""@a:x""#, "device_id": "null", "access_token": #""t""#],
            .all,
            raising: .skipped,
            wrong: ["5", "{"]
        ),
        name("get_username_for_registration", since: "1.52.0"),
        name("get_displayname_for_registration", since: "1.54.0"),
        Self(
            "password_auth_provider/is_3pid_allowed",
            since: "1.53.0",
            ["medium": #""email""#, "address": #""a@x""#, "registration": "true"],
            .firstDecision(accepting: ["true"], deciding: ["false": "false"]),
            raising: .fails,
            wrong: ["null", "0", #""no""#, "{"],
            is: .skipped,
            otherwise: "true"
        ),
    ]
}
