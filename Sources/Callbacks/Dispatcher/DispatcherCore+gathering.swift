import MessageBus
import WireProtocol

// MARK: Answers that add up

extension DispatcherCore {
    /// Whether an answer of the declared type can be combined by the callback's rule.
    @inline(__always)
    func fits(_ verdict: AnswerJudge.Verdict, _ said: Payload, _ callback: Int) -> Bool {
        guard self.plans[callback].addsUp, let body = verdict.result(of: said) else { return true }
        switch self.plans[callback].declaration.rule {
        case .amend:
            guard let value = try? JSONValue(parsing: body) else { return false }
            return Amendment(value) != nil
        case .merge(let rule):
            guard let value = try? JSONValue(parsing: body) else { return false }
            var merger = Merger(rule)
            return merger.add(value) != nil
        default:
            return true
        }
    }

    /// Does with an answer what the callback's rule says.
    mutating func gather(
        _ body: consuming Payload,
        _ step: Step,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        guard self.plans[callback].addsUp else {
            return self.finish(
                step.chain,
                callback,
                .answer,
                .answer,
                consume body,
                by: step.module,
                at: now,
                into: &actions
            )
        }
        switch self.plans[callback].declaration.rule {
        case .amend(let rule): self.amend(rule, body, step, callback, at: now, into: &actions)
        case .merge(let rule): self.merge(rule, body, step, callback, at: now, into: &actions)
        default:
            self.finish(step.chain, callback, .answer, .answer, body, by: step.module, at: now, into: &actions)
        }
    }

    private mutating func amend(
        _ rule: CombineRule.Amend,
        _ body: Payload,
        _ step: Step,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let amendment = (try? JSONValue(parsing: body)).flatMap(Amendment.init)
        switch amendment {
        case .veto:
            let veto: Payload = "[false,null]"
            self.finish(step.chain, callback, .answer, .answer, veto, by: step.module, at: now, into: &actions)
        case .replaced(let value):
            self.replace(rule, value, step, callback, at: now, into: &actions)
        case .unchanged, nil:
            self.proceed(step.chain, callback, at: now, into: &actions)
        }
    }

    private mutating func replace(
        _ rule: CombineRule.Amend,
        _ value: JSONValue,
        _ step: Step,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        let old = self.chains[step.chain].body
        guard let arguments = Amendment.arguments(old, replacing: rule.argument, by: value) else {
            let fault = BusFault(
                .badRequest,
                "the arguments are no JSON object, so '\(rule.argument)' cannot be replaced"
            )
            let body = fault.encoded()
            return self.finish(step.chain, callback, .failed, .error, body, by: nil, at: now, into: &actions)
        }
        self.chains[step.chain].body = arguments
        if !self.chains[step.chain].filters.isEmpty { self.applyFilters(step.chain) }
        self.chains[step.chain].gathering = .amended(value, by: step.module)
        if rule.stopsAtReplacement {
            self.conclude(step.chain, callback, at: now, into: &actions)
        } else {
            self.proceed(step.chain, callback, at: now, into: &actions)
        }
    }

    private mutating func merge(
        _ rule: CombineRule.Merge,
        _ body: Payload,
        _ step: Step,
        _ callback: Int,
        at now: MonotonicTime,
        into actions: inout [RouterAction]
    ) {
        if self.absorbs(rule, body, step.chain) {
            self.conclude(step.chain, callback, at: now, into: &actions)
        } else {
            self.proceed(step.chain, callback, at: now, into: &actions)
        }
    }

    /// Adds a result to those before it.
    ///
    /// - Returns: Whether it swallows all others.
    mutating func absorbs(_ rule: CombineRule.Merge, _ body: Payload, _ chain: Int) -> Bool {
        var merger = Merger(rule)
        if case .merged(let known) = self.chains[chain].gathering { merger = known }
        let isAbsorbed = (try? JSONValue(parsing: body)).flatMap { merger.add($0) } ?? false
        self.chains[chain].gathering = .merged(merger)
        return isAbsorbed
    }

    /// Ends a chain whose members have all been asked.
    mutating func conclude(_ chain: Int, _ callback: Int, at now: MonotonicTime, into actions: inout [RouterAction]) {
        switch self.chains[chain].gathering {
        case .amended(let value, let module):
            let body = JSONValue.array([.bool(true), value]).encoded()
            self.finish(chain, callback, .answer, .answer, body, by: module, at: now, into: &actions)
        case .merged(let merger):
            let body = (merger.result ?? .null).encoded()
            self.finish(chain, callback, .answer, .answer, body, by: nil, at: now, into: &actions)
        case nil:
            let body = self.plans[callback].defaultBody
            self.finish(chain, callback, .continue, .continue, body, by: nil, at: now, into: &actions)
        }
    }
}
