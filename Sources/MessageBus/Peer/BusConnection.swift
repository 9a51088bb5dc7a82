public import Logging
public import ServiceLifecycle
internal import Synchronization
internal import WireProtocol
public import ZeroMQ

/// A peer's connection to the bus: it introduces itself, registers, calls and is called, and connects again when the connection is lost.
///
/// Calls made on the poll loop's executor, and the answers to calls, never leave its thread:
///
/// ```swift
/// let reply = try await connection.call(BusRequest(target: "admin/modules", budget: .seconds(2)))
/// ```
public final class BusConnection: Service, BusCaller {
    private let socket: PeerSocket
    private let loop: PollLoop
    private let delegate: any BusConnectionDelegate
    private let drainTime: Duration
    private let hasRun = Atomic<Bool>(false)

    /// This process's incarnation, as the dispatcher knows it.
    public let incarnation: String

    /// - Parameters:
    ///   - configuration: Who this peer is and where the bus is.
    ///   - loop: The thread that owns the socket; it must have been started.
    ///   - context: The process's libzmq context.
    ///   - delegate: What the peer does.
    ///   - logger: Where connection changes are told.
    public init(
        configuration: BusConnectionConfiguration,
        loop: PollLoop,
        context: Context,
        delegate: any BusConnectionDelegate,
        logger: Logger
    ) {
        let hello = Hello(
            id: configuration.id,
            role: configuration.role,
            version: configuration.version,
            incarnation: Self.makeIncarnation(),
            heartbeatMilliseconds: configuration.heartbeatMilliseconds
        )
        self.incarnation = hello.incarnation
        self.socket = PeerSocket(
            configuration: configuration,
            hello: hello,
            loop: loop,
            context: context,
            delegate: delegate,
            logger: logger
        )
        self.loop = loop
        self.delegate = delegate
        self.drainTime = configuration.drainTime
    }

    private static func makeIncarnation() -> String {
        let number = UInt64.random(in: .min ... .max)
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// Whether calls can be made now.
    ///
    /// On the loop's thread only.
    public var isReady: Bool {
        self.socket.isReady
    }

    /// What went unheard so far.
    ///
    /// On the loop's thread only.
    public var statistics: BusConnectionStatistics {
        self.socket.statistics
    }

    // MARK: Running

    /// Connects, and keeps connected until the service is told to shut down; then calls in flight are answered and the peer says
    /// goodbye.
    ///
    /// - Throws: ``BusFarewell`` when the peer cannot do its work; ``ZeroMQError`` when the endpoint makes no sense; that or
    ///   ``PollLoopError`` when the loop ends under it.
    public func run() async throws {
        precondition(!self.hasRun.exchange(true, ordering: .relaxed), "A bus connection runs once.")
        try await withTaskExecutorPreference(self.loop) {
            try self.socket.open()
            self.loop.attach(self.socket)
            do {
                try await self.workUntilShutdown()
                // The work ends with the loop too, and a process that took that for its own end would not be started again.
                if self.socket.hasLostLoop { throw self.loop.endError }
                self.end(Farewell(reason: .shutdown))
            } catch let farewell as BusFarewell {
                self.end(Farewell(reason: farewell.reason, problems: farewell.problems))
                throw farewell
            } catch is CancellationError {
                self.end(Farewell(reason: .shutdown))
                throw CancellationError()
            } catch {
                self.end(Farewell(reason: .failed, problems: [Farewell.Problem(message: "\(error)")]))
                throw error
            }
        }
    }

    private func end(_ farewell: Farewell) {
        self.socket.close(farewell)
        self.loop.detach(self.socket)
    }

    private func workUntilShutdown() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.work() }
            group.addTask {
                try await gracefulShutdown()
                self.socket.drain()
                try await Task.sleep(for: self.drainTime)
            }
            // Whoever ends first ends the other: the work when it is drained or has failed, the drain when its time is up.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func work() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.takeSteps() }
            group.addTask { await self.serveCalls() }
            // Not waitForAll, which keeps an error to itself until the other has ended too.
            for try await _ in group {}
        }
    }

    /// Takes the steps of the connection's life one after the other, so that the delegate never builds itself twice at a time.
    private func takeSteps() async throws {
        while true {
            let steps = await self.next(from: self.socket.steps)
            if steps.isEmpty { return }
            for step in steps where self.socket.isCurrent(step) {
                try await self.take(step)
            }
        }
    }

    private func take(_ step: PeerStep) async throws {
        switch step.kind {
        case .build(let welcome):
            let manifest = try await self.delegate.welcomed(welcome)
            self.socket.register(manifest, inSession: step.session)
        case .start(let registered):
            try await self.delegate.registered(registered)
            self.socket.becomeReady(inSession: step.session)
        case .refuse(let refusal):
            await self.delegate.refused(refusal)
        }
    }

    /// Makes a task whenever calls find none waiting.
    private func serveCalls() async {
        await withDiscardingTaskGroup { group in
            while true {
                let openings: [Void] = await self.next(from: self.socket.attendants.openings)
                if openings.isEmpty { return }
                for _ in openings { group.addTask { await self.attendToCalls() } }
            }
        }
    }

    private func attendToCalls() async {
        await withUnsafeCurrentTask { task in
            // There is always a current task here.
            guard let task else { return }
            let attendants = self.socket.attendants
            let attendant = Attendant(task)
            attendants.arrive()
            // A call that was cancelled leaves its task cancelled, which is of no use to another call.
            while !Task.isCancelled {
                // Written out: waiting for what is there already costs a good part of what answering a call does.
                let assignment: PeerAssignment
                if let atHand = attendants.callAtHand(for: attendant) {
                    assignment = atHand
                } else if let next = await attendants.next(for: attendant) {
                    assignment = next
                } else {
                    return
                }
                // A call that its caller gave up before the work began is not worked on.
                guard self.socket.attach(attendant, to: assignment.handle) else { continue }
                let reply = await self.delegate.serve(assignment.call)
                self.socket.reply(reply, to: assignment.handle)
            }
        }
    }

    /// The next work, as soon as there is some; empty when there will be none any more, or the task is cancelled.
    private func next<Work>(from inbox: PeerInbox<Work>) async -> [Work] {
        await withTaskCancellationHandler {
            await inbox.next()
        } onCancel: {
            self.onLoop { $0.finishWork() }
        }
    }

    /// Does something with the socket on its thread, at once for those who are on it already.
    func onLoop(_ work: @escaping @Sendable (PeerSocket) -> Void) {
        if self.loop.isCurrent { return work(self.socket) }
        let socket = self.socket
        do throws(PollLoopError) {
            try self.loop.execute { work(socket) }
        } catch {
            // The loop refuses closures when it has too many or ends, but never tasks; and what comes here is the end of a service, or
            // what it says of itself, which must not be lost.
            Task(executorPreference: self.loop) { work(socket) }
        }
    }

    // MARK: Calling

    /// Makes a call and waits for the reply.
    ///
    /// Cancelling the task sends `CANCEL` within 10 ms; the call then ends with ``BusError/Code/cancelled``.
    ///
    /// - Throws: ``BusError`` when no reply came.
    public func call(_ request: BusRequest) async throws(BusError) -> BusReply {
        // Without a cancellation handler, which costs a quarter of what a call costs its caller: the loop looks who has given up.
        let result = await withUnsafeContinuation { continuation in
            guard let waiter = CallWaiter(continuation) else {
                return continuation.resume(returning: .failure(BusError(.invalidRequest, "a call is made in a task")))
            }
            self.begin(request, waiter)
        }
        return try result.get()
    }

    private func begin(_ request: BusRequest, _ waiter: CallWaiter) {
        if self.loop.isCurrent { return self.socket.begin(request, waiter) }
        let socket = self.socket
        do throws(PollLoopError) {
            try self.loop.execute { socket.begin(request, waiter) }
        } catch {
            waiter.resume(returning: .failure(BusError(error)))
        }
    }
}

extension PollLoop {
    /// What those are told who did not ask for the loop's end.
    fileprivate var endError: any Error {
        self.failure ?? PollLoopError.stopped(label: self.label)
    }
}

extension BusError {
    /// Why the loop did not take a call.
    fileprivate init(_ error: PollLoopError) {
        switch error {
        case .stopped: self.init(.stopped, "\(error)")
        default: self.init(.overloaded, "\(error)")
        }
    }
}
