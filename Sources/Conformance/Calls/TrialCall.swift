internal import Callbacks
internal import WireProtocol

/// A call that a module has to answer.
struct TrialCall: Sendable {
    var target: String
    var metadata: Payload?
    var body = Payload.empty
    var deadlineMilliseconds: UInt32 = 5000
    var flags: MessageFlags = []
    var rule: ReplyRule

    /// The message.
    func message(_ id: UInt64, budgetMilliseconds: UInt32? = nil) -> Outgoing {
        .message(self.envelope(id, budgetMilliseconds: budgetMilliseconds))
    }

    func envelope(_ id: UInt64, budgetMilliseconds: UInt32? = nil) -> Envelope {
        let header = Header(
            kind: .call,
            flags: self.flags,
            budgetMilliseconds: budgetMilliseconds ?? self.deadlineMilliseconds,
            callID: id,
            epoch: 1,
            target: self.target
        )
        return Envelope(header, metadata: self.metadata, body: self.body)
    }

    /// Its reply, before the module leaves.
    func reply(_ id: UInt64) -> Expectation {
        let rule = self.rule
        return Expectation("a REPLY to call \(id), \(self.target)") { observation in
            switch observation {
            case .message(let envelope, _) where envelope.header.kind == .bye:
                .broken("BYE before the REPLY")
            case .message(let envelope, _) where envelope.header.kind == .reply && envelope.header.callID == id:
                rule.judge(envelope)
            default: .other
            }
        }
    }

    var deadline: Duration { .milliseconds(Int64(self.deadlineMilliseconds)) }
}

extension TrialCall {
    /// Calls of one thing, in portions that the module has said it takes.
    static func steps(_ calls: [TrialCall], atOnce count: Int, in trial: inout Trial) -> [Step] {
        var steps: [Step] = []
        var rest = calls[...]
        while !rest.isEmpty {
            let portion = rest.prefix(max(count, 1))
            rest = rest.dropFirst(portion.count)
            let numbered = portion.map { ($0, trial.nextCallID()) }
            let deadline = portion.map(\.deadline).max() ?? .zero
            steps.append(.send(numbered.map { $0.message($1) }))
            steps.append(.expect(numbered.map { $0.reply($1) }, within: deadline))
        }
        return steps
    }
}

// MARK: What a module registered

extension TrialCall {
    init(_ declaration: CallbackDeclaration, arguments: Payload, metadata: Payload? = nil) {
        self.init(
            target: declaration.target,
            metadata: metadata,
            body: arguments,
            deadlineMilliseconds: declaration.deadlineMilliseconds,
            rule: .callback(declaration, AnswerJudge(declaration))
        )
    }

    init(_ route: RouteClaim, method: String, of module: String) {
        // A parameter takes any segment, and what is below a subtree is its root too.
        let segments = route.path.split(separator: "/", omittingEmptySubsequences: false)
        let path = segments.map { $0.hasPrefix("{") ? "conformance" : String($0) }.joined(separator: "/")
        let metadata = WebRequestMetadata(
            method: method,
            path: path,
            headers: [WebHeader("accept", "*/*")],
            remote: "127.0.0.1:1"
        )
        self.init(target: "web/\(module)\(route.path)", metadata: metadata.encoded(), rule: .web)
    }

    init(_ method: MethodClaim, of module: String) {
        self.init(target: "method/\(module)/\(method.name)", rule: .anything)
    }

    init(_ update: BackgroundUpdateClaim, of module: String) {
        let rows: JSONValue = ["update": .string(update.name), "database": "main", "rows": []]
        self.init(target: "update/\(module)/\(update.name)", body: rows.encoded(), rule: .json)
    }
}

extension Trial {
    /// Any call that the module has to answer, those first that do the least; nil when it registered nothing.
    var anyCall: TrialCall? {
        let catalogue = self.settings.catalogue
        let declared = self.manifest.callbacks.lazy.compactMap { claim in
            catalogue["\(claim.category)/\(claim.name)"].map { (claim, $0) }
        }
        if let (claim, declaration) = declared.first(where: { !$0.1.isScoped }) {
            return TrialCall(declaration, arguments: SampleArguments(declaration, claim).all)
        }
        let module = self.settings.moduleID
        if let route = self.manifest.routes.first(where: { $0.methods.contains("GET") }) {
            return TrialCall(route, method: "GET", of: module)
        }
        if let update = self.manifest.backgroundUpdates.first { return TrialCall(update, of: module) }
        return self.manifest.methods.first.map { TrialCall($0, of: module) }
    }
}

extension CallbackDeclaration {
    var isScoped: Bool {
        if case .scoped = self.rule { true } else { false }
    }
}
