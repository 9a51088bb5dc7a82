import Testing
import WireProtocol

/// The page is the authority: its bytes are read from the page itself.
struct GoldenBytesTests {
    /// What the page says each example is.
    static let envelopes: [String: Envelope] = [
        "PING with call id 7": Envelope(Header(kind: .ping, callID: 7)),
        "PONG to the PING above": Envelope(Header(kind: .pong, callID: 7)),
        """
        CALL `callback/spam_checker/check_event_for_spam`, 1500 ms left, call id 258, epoch 3, asking for an explanation, \
        body `{}`
        """: Envelope(
            Header(
                kind: .call,
                flags: .explain,
                budgetMilliseconds: 1500,
                callID: 258,
                epoch: 3,
                target: "callback/spam_checker/check_event_for_spam"
            ),
            body: "{}"
        ),
        """
        REPLY with status `answer` to it, decided by `link-guard`, with metadata `{"outcome":"answer"}`, body `"M_FORBIDDEN"`
        """: Envelope(
            Header(kind: .reply, flags: MessageFlags(.answer), callID: 258, epoch: 3, target: "link-guard"),
            metadata: #"{"outcome":"answer"}"#,
            body: #""M_FORBIDDEN""#
        ),
        "HELLO with the body of §3.1": Envelope(
            Header(kind: .hello),
            body: Hello(id: "link-guard", role: .module, version: "1.0.0", incarnation: "9f0c2c54a1b2d3e4").encoded()
        ),
        #"WELCOME with the body `{"protocol":1,"dispatcher":"5b1d","limits":{}}`"#: Envelope(
            Header(kind: .welcome),
            body: #"{"protocol":1,"dispatcher":"5b1d","limits":{}}"#
        ),
        "REGISTER with an empty manifest, body `{}`": Envelope(Header(kind: .register), body: "{}"),
        #"REGISTERED with the body `{"epoch":7}`"#: Envelope(Header(kind: .registered), body: #"{"epoch":7}"#),
        #"REFUSED with the body `{"reasons":[{"code":"unknown_module"}]}`"#: Envelope(
            Header(kind: .refused),
            body: #"{"reasons":[{"code":"unknown_module"}]}"#
        ),
        "READY": Envelope(Header(kind: .ready)),
        #"READY of a module that disables itself, body `{"disabled":"the blocklist is empty"}`"#: Envelope(
            Header(kind: .ready),
            body: Readiness(disabledBecause: "the blocklist is empty").body
        ),
        """
        REGISTER of a module that requires two others, body \
        `{"requires":[{"module":"directory","method":"status"},{"module":"link-guard"}]}`
        """: Envelope(
            Header(kind: .register),
            body: #"{"requires":[{"module":"directory","method":"status"},{"module":"link-guard"}]}"#
        ),
        """
        CALL `web/directory/users/42`, the whole 600 s left, the highest call id, with metadata \
        `{"method":"GET","path":"/users/42","headers":[]}` and no body
        """: Envelope(
            Header(kind: .call, budgetMilliseconds: 600_000, callID: .max, target: "web/directory/users/42"),
            metadata: WebRequestMetadata(method: "GET", path: "/users/42").encoded()
        ),
        #"REPLY with status `continue` to call 1, the default result `"NOT_SPAM"`, epoch 3"#: Envelope(
            Header(kind: .reply, flags: MessageFlags(.continue), callID: 1, epoch: 3),
            body: #""NOT_SPAM""#
        ),
        #"REPLY with status `error` to call 1, body `{"code":"timeout","message":"","retryable":false}`"#: Envelope(
            Header(kind: .reply, flags: MessageFlags(.error), callID: 1),
            body: BusFault(.timeout, "").encoded()
        ),
        #"REPLY with status `overloaded` to call 1, body `{"code":"overloaded"}`"#: Envelope(
            Header(kind: .reply, flags: MessageFlags(.overloaded), callID: 1),
            body: #"{"code":"overloaded"}"#
        ),
        """
        REGISTER with a method and a background update, body \
        `{"methods":[{"name":"status"}],"background_updates":[{"name":"index_events"}]}`
        """: Envelope(
            Header(kind: .register),
            body: #"{"methods":[{"name":"status"}],"background_updates":[{"name":"index_events"}]}"#
        ),
        """
        REGISTER of a keyed callback, body \
        `{"callbacks":[{"category":"password_auth_provider","name":"auth_checkers","keys":[{"key":"m.login.password","fields":["password"]}]}]}`
        """: Envelope(
            Header(kind: .register),
            body:
                #"{"callbacks":[{"category":"password_auth_provider","name":"auth_checkers","keys":[{"key":"m.login.password","fields":["password"]}]}]}"#
        ),
        "CALL `method/background-update-worker/status`, 5 s left, call id 9, without a body": Envelope(
            Header(
                kind: .call,
                budgetMilliseconds: 5000,
                callID: 9,
                target: "method/background-update-worker/status"
            )
        ),
        """
        CALL `update/search-index/index_events`, 5 s left, call id 10, body \
        `{"update":"index_events","database":"main","rows":[{"stream_ordering":7}]}`
        """: Envelope(
            Header(kind: .call, budgetMilliseconds: 5000, callID: 10, target: "update/search-index/index_events"),
            body: #"{"update":"index_events","database":"main","rows":[{"stream_ordering":7}]}"#
        ),
        "PACK of two messages, a CALL to `method/a/b` with `hi` in it and a CANCEL": Envelope(
            Header(kind: .pack),
            body: Payload(
                Pack.encoded([
                    Envelope(
                        Header(kind: .call, budgetMilliseconds: 5000, callID: 1, target: "method/a/b"),
                        body: "hi"
                    ),
                    Envelope(Header(kind: .cancel, callID: 258)),
                ])
            )
        ),
        "CANCEL of call 258": Envelope(Header(kind: .cancel, callID: 258)),
        "WHO_ARE_YOU": Envelope(Header(kind: .whoAreYou)),
        "DRAIN": Envelope(Header(kind: .drain)),
        #"BYE with the body `{"reason":"shutdown"}`"#: Envelope(Header(kind: .bye), body: #"{"reason":"shutdown"}"#),
        #"TABLE with the body `{"epoch":7,"modules":["link-guard"]}`"#: Envelope(
            Header(kind: .table),
            body: #"{"epoch":7,"modules":["link-guard"]}"#
        ),
    ].merging(CacheGoldenMessages.envelopes) { first, _ in first }

    @Test func thePageHasExactlyTheseExamples() throws {
        let titles = try ProtocolDocument().goldenMessages.map(\.title)
        #expect(titles.sorted() == Self.envelopes.keys.sorted())
    }

    @Test func everyExampleDecodesToWhatThePageSays() throws {
        for golden in try ProtocolDocument().goldenMessages {
            #expect(try Envelope(frames: golden.frames) == Self.envelopes[golden.title], "\(golden.title)")
        }
    }

    @Test func everyExampleIsWrittenByteForByte() throws {
        for golden in try ProtocolDocument().goldenMessages {
            #expect(Self.envelopes[golden.title]?.frames == golden.frames, "\(golden.title)")
        }
    }

    @Test func everyKindThatIsNotReservedHasAnExample() {
        let kinds = Set(Self.envelopes.values.map(\.header.kind))
        #expect(Set(MessageKind.allCases).subtracting(kinds) == [.chunk, .credit])
    }

    @Test func everyStatusHasAnExample() {
        let replies = Self.envelopes.values.map(\.header).filter { $0.kind == .reply }
        #expect(Set(replies.map(\.flags.status)) == Set(ReplyStatus.allCases))
    }
}
