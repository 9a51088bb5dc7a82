public import WireProtocol

/// A callback's call: what was asked, and how long the answer may take.
public struct CallbackCall: Sendable {
    public let category: String
    public let name: String
    /// The arguments as they came: a JSON object.
    public let body: Payload
    /// The time that is left for the answer.
    ///
    /// The task is cancelled when it ends.
    public let budget: Duration
    /// The routing table the call was admitted under.
    public let epoch: UInt64
    /// The scope that is entered or left; nil for callbacks without scopes.
    public let scope: String?

    public init(
        category: String,
        name: String,
        body: Payload,
        budget: Duration,
        epoch: UInt64 = 0,
        scope: String? = nil
    ) {
        self.scope = scope
        self.category = category
        self.name = name
        self.body = body
        self.budget = budget
        self.epoch = epoch
    }

    /// The named arguments.
    ///
    /// - Throws: ``BusFault`` with code `bad_request` when the body is not a JSON object.
    public func arguments() throws -> CallbackArguments {
        do throws(JSONError) {
            return CallbackArguments(try JSONReader(JSONValue(parsing: self.body)))
        } catch {
            throw BusFault(.badRequest, "\(self.category)/\(self.name): \(error)")
        }
    }
}

/// The named arguments of a callback.
///
/// Each getter throws ``BusFault`` with code `bad_request`, naming the argument, when it is not there or of another kind.
public struct CallbackArguments: Sendable {
    private let reader: JSONReader

    init(_ reader: JSONReader) {
        self.reader = reader
    }

    /// Any argument; `null` when it was not given.
    public subscript(name: String) -> JSONValue {
        self.reader.value(name)
    }

    public func string(_ name: String) throws -> String {
        try self.read { reader throws(JSONError) in try reader.string(name) }
    }

    public func optionalString(_ name: String) throws -> String? {
        try self.read { reader throws(JSONError) in try reader.optionalString(name) }
    }

    public func object(_ name: String) throws -> JSONObject {
        guard let object = self.reader.value(name).object else {
            throw BusFault(.badRequest, "\(name): expected an object, found \(self.reader.value(name).kind)")
        }
        return object
    }

    private func read<Value>(_ read: (JSONReader) throws(JSONError) -> Value) throws -> Value {
        do throws(JSONError) {
            return try read(self.reader)
        } catch {
            throw BusFault(.badRequest, error.description)
        }
    }
}

/// A callback's answer.
public enum CallbackAnswer: Hashable, Sendable {
    /// Whoever is asked next decides.
    case noOpinion
    /// The result; whether it stops the chain is for the callback's rule to say.
    case result(JSONValue)
}

/// Answers a callback.
///
/// An error it throws becomes the module's error in the chain, and the callback's failure policy decides.
public typealias CallbackHandler = @Sendable (CallbackCall) async throws -> CallbackAnswer
