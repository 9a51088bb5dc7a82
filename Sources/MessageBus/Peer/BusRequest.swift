public import WireProtocol

/// A call to make.
public struct BusRequest: Sendable {
    /// What to call, as in `callback/spam_checker/check_event_for_spam`.
    public var target: String
    var heldMetadata: Metadata
    public var body: Payload
    public var flags: MessageFlags
    /// The time within which the caller needs the reply.
    ///
    /// Every hop passes on what is left.
    public var budget: Duration

    public var metadata: Payload? {
        get { self.heldMetadata.payload }
        set { self.heldMetadata = Metadata(newValue) }
    }

    public init(
        target: String,
        metadata: Payload? = nil,
        body: Payload = .empty,
        flags: MessageFlags = [],
        budget: Duration
    ) {
        self.target = target
        self.heldMetadata = Metadata(metadata)
        self.body = body
        self.flags = flags
        self.budget = budget
    }
}

/// The reply to a call.
public struct BusReply: Sendable {
    public var status: ReplyStatus
    /// In a reply to a callback the module that decided; empty if none did.
    public var target: String
    /// The routing table the call was admitted under.
    public var epoch: UInt64
    var heldMetadata: Metadata
    public var body: Payload

    public var metadata: Payload? {
        get { self.heldMetadata.payload }
        set { self.heldMetadata = Metadata(newValue) }
    }

    public init(
        status: ReplyStatus,
        target: String = "",
        epoch: UInt64 = 0,
        metadata: Payload? = nil,
        body: Payload = .empty
    ) {
        self.status = status
        self.target = target
        self.epoch = epoch
        self.heldMetadata = Metadata(metadata)
        self.body = body
    }

    /// A reply that says why there is no result.
    public init(fault: BusFault) {
        self.init(status: fault.code == .overloaded ? .overloaded : .error, body: fault.encoded())
    }

    /// What went wrong, for the statuses `error` and `overloaded`; `nil` for the others.
    public var fault: BusFault? {
        guard self.status == .error || self.status == .overloaded else { return nil }
        do throws(WireError) {
            return try BusFault(decoding: self.body)
        } catch {
            return BusFault(.internal, "an error whose description cannot be read: \(error.message)")
        }
    }
}

/// Whatever can make calls over the bus.
public protocol BusCaller: Sendable {
    /// Makes a call and waits for the reply.
    ///
    /// Cancelling the task sends `CANCEL`, at once or a few milliseconds later; the call then ends with ``BusError/Code/cancelled``.
    ///
    /// - Throws: ``BusError`` when no reply came.
    func call(_ request: BusRequest) async throws(BusError) -> BusReply
}

/// A call that reached this process.
public struct InboundCall: Sendable {
    public var target: String
    public var flags: MessageFlags
    /// What was left of the caller's time when the call arrived.
    public var budget: Duration
    public var epoch: UInt64
    var heldMetadata: Metadata
    public var body: Payload

    public var metadata: Payload? {
        get { self.heldMetadata.payload }
        set { self.heldMetadata = Metadata(newValue) }
    }

    public init(
        target: String,
        flags: MessageFlags = [],
        budget: Duration,
        epoch: UInt64 = 0,
        metadata: Payload? = nil,
        body: Payload = .empty
    ) {
        self.target = target
        self.flags = flags
        self.budget = budget
        self.epoch = epoch
        self.heldMetadata = Metadata(metadata)
        self.body = body
    }
}
