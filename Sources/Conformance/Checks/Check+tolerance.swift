internal import WireProtocol

extension Check {
    /// Kinds, flags and metadata of a later version (§10).
    static let unknownKinds = Check("unknown-kinds", section: "§10") { trial in
        let id = trial.nextCallID()
        var later = Header(kind: .ping).encoded()
        later[1] = 99
        var flagged = Header(kind: .ping, callID: id)
        flagged.flags = MessageFlags(rawValue: 0b0111_1100)
        var steps: [Step] = [
            .send([.frames([later, []]), .frames([later, Array("{}".utf8)]), .message(Envelope(flagged))]),
            .expect(.pong(id), within: .seconds(1)),
        ]
        if var call = trial.anyCall {
            let metadata = call.metadata.flatMap { try? JSONValue(parsing: $0) }?.object
            var members = metadata ?? JSONObject()
            members["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            members["of_a_later_version"] = ["a": [1, nil]]
            call.metadata = JSONValue.object(members).encoded()
            call.flags = MessageFlags(rawValue: 0b0111_1100)
            steps += TrialCall.steps([call], atOnce: 1, in: &trial)
        }
        return .steps(steps)
    }

    /// Members of a later version in `WELCOME` and `REGISTERED` (§10).
    static let unknownMembers = Check("unknown-members", section: "§10") { trial in
        var conduct = Conduct.normal
        conduct.hasUnknownMembers = true
        return .steps(
            [.conduct(conduct), .send([.control(.whoAreYou)])] + Step.beginningAgain(trial) + Step.alive(&trial)
        )
    }

    /// Messages that are none: dropped, and nothing else comes of them.
    static let malformed = Check("malformed", section: "§9") { trial in
        .steps([.send(Self.garbage)] + Step.alive(&trial))
    }

    private static let garbage: [Outgoing] = {
        let ping = Header(kind: .ping, callID: 1).encoded()
        var ofVersion9 = ping
        ofVersion9[0] = 9
        var announcesMetadata = ping
        announcesMetadata[2] = 1
        let call = Header(kind: .call, budgetMilliseconds: 1000, callID: 1).encoded()
        let notUTF8 = call + [0x63, 0xC3, 0x28, 0xFF]
        let tooLong = call + [UInt8](repeating: 0x61, count: WireLimits.targetSize + 1)
        let frames: [[[UInt8]]] = [
            [[]], [[], []], [[1, 32, 0], []], [ping], [ping, [], [], [], []], [ofVersion9, []],
            [announcesMetadata, []], [notUTF8, []], [tooLong, []],
            // Not for a module, or out of turn, or not to be read.
            [Header(kind: .hello).encoded(), []], [Header(kind: .table).encoded(), Array("{}".utf8)],
            [Header(kind: .welcome).encoded(), Array("no json".utf8)],
            [Header(kind: .registered).encoded(), Array("[1,2".utf8)],
            [Header(kind: .refused).encoded(), [0xFF, 0xFE]],
            [Header(kind: .pong, callID: 77_777).encoded(), []],
            [Header(kind: .reply, callID: 77_777).encoded(), []],
        ]
        // Noise that cannot be taken for a message, for it is of no version.
        let noise = (0..<200).map { number in
            (0..<(number % 5 + 1)).map { part in
                (0..<((number * 7 + part * 13) % 61)).map { UInt8(truncatingIfNeeded: 2 + ($0 * 31 + number) % 250) }
            }
        }
        return (frames + noise).map { .frames($0) }
    }()
}
