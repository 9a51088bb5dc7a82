import ModuleSDK
import WireProtocol

/// Keeps links to bad places, words of bad taste and unwelcome users out of rooms.
@main
struct LinkGuard: Module {
    static let version = "1.0.0"

    init(configuration: Blocklist, api: ModuleAPI) {
        api.registerSpamCheckerCallbacks(
            checkEventForSpam: { event in
                configuration.blocks(event: event) ? .forbidden : .notSpam
            },
            userMayInvite: { inviter, invitee, _ in
                configuration.blocks(user: inviter) || configuration.blocks(user: invitee) ? .forbidden : .notSpam
            },
            isPure: true
        )
    }
}
